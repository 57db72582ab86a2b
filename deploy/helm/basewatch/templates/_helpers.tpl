{{- define "basewatch.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "basewatch.selector" -}}
app.kubernetes.io/name: basewatch
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "basewatch.labels" -}}
{{ include "basewatch.selector" . }}
app.kubernetes.io/version: {{ .root.Values.image.tag | default .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end }}

{{- define "basewatch.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default (include "basewatch.name" .) }}{{ else }}{{ .Values.serviceAccount.name | default "default" }}{{ end }}
{{- end }}

{{- /* The file of settings, with the ingress' host among the names of the report API. */}}
{{- define "basewatch.settings" -}}
{{- $config := deepCopy .Values.config }}
{{- if and .Values.reportApi.ingress.enabled .Values.reportApi.ingress.host }}
{{- $access := $config.access | default dict }}
{{- $_ := set $access "hosts" (append ($access.hosts | default list) .Values.reportApi.ingress.host | uniq) }}
{{- $_ := set $config "access" $access }}
{{- end }}
{{- toYaml (dict "basewatch" $config) }}
{{- end }}

{{- /* One of the three services: component, values, port, and whether it speaks to Kafka and registries, or answers people. */}}
{{- define "basewatch.deployment" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "basewatch.name" .root }}-{{ .component }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "basewatch.labels" . | nindent 4 }}
spec:
  {{- if not .scaled }}
  replicas: {{ .values.replicas }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "basewatch.selector" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "basewatch.labels" . | nindent 8 }}
      annotations:
        # Of what is taken over by a start only.
        checksum/settings: {{ omit .root.Values.config "registries" | toYaml | sha256sum }}
        {{- with .values.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      serviceAccountName: {{ include "basewatch.serviceAccount" .root }}
      automountServiceAccountToken: {{ .root.Values.serviceAccount.automountToken }}
      # Their variables would be taken for settings: BASEWATCH_…_PORT.
      enableServiceLinks: false
      terminationGracePeriodSeconds: 60
      {{- with .root.Values.image.pullSecrets }}
      imagePullSecrets:
        {{- range . }}
        - name: {{ . }}
        {{- end }}
      {{- end }}
      securityContext:
        runAsNonRoot: true
        runAsUser: 10001
        runAsGroup: 10001
        fsGroup: 10001
        seccompProfile: {type: RuntimeDefault}
      containers:
        - name: {{ .component }}
          image: {{ printf "%s/%s:%s" .root.Values.image.repository .component (.root.Values.image.tag | default .root.Chart.AppVersion) | quote }}
          imagePullPolicy: {{ .root.Values.image.pullPolicy }}
          ports:
            - {name: http, containerPort: {{ .port }}}
          env:
            - name: SPRING_CONFIG_ADDITIONAL_LOCATION
              value: file:/etc/basewatch/basewatch.yaml
            - name: BASEWATCH_MONGODB_URI
              valueFrom: {secretKeyRef: {name: {{ .root.Values.mongodb.secret.name }}, key: {{ .root.Values.mongodb.secret.key }}}}
            {{- if .events }}
            - {name: BASEWATCH_KAFKA_BROKERS, value: {{ .root.Values.kafka.brokers | quote }}}
            - {name: BASEWATCH_KAFKA_PARTITIONS, value: {{ .root.Values.kafka.partitions | quote }}}
            - {name: BASEWATCH_KAFKA_REPLICATION_FACTOR, value: {{ .root.Values.kafka.replicationFactor | quote }}}
            {{- else }}
            - name: BASEWATCH_ACCESS_OPERATOR_TOKEN
              valueFrom: {secretKeyRef: {name: {{ .root.Values.access.secret }}, key: operator-token, optional: true}}
            - name: BASEWATCH_ACCESS_SCRAPER_TOKEN
              valueFrom: {secretKeyRef: {name: {{ .root.Values.access.secret }}, key: scraper-token, optional: true}}
            {{- end }}
            {{- with .values.env }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
          startupProbe:
            httpGet: {path: /actuator/health/liveness, port: http}
            periodSeconds: 5
            failureThreshold: 60
          livenessProbe:
            httpGet: {path: /actuator/health/liveness, port: http}
            periodSeconds: 20
            timeoutSeconds: 5
          readinessProbe:
            httpGet: {path: /actuator/health/readiness, port: http}
            periodSeconds: 10
            timeoutSeconds: 5
          resources:
            {{- toYaml .values.resources | nindent 12 }}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {drop: [ALL]}
          volumeMounts:
            # The folder, not the file: only so a change arrives in a running pod.
            - {name: settings, mountPath: /etc/basewatch, readOnly: true}
            - {name: tmp, mountPath: /tmp}
            {{- if .events }}
            {{- range concat .root.Values.files.secrets .root.Values.files.configMaps }}
            - {name: {{ printf "files-%s" . | trunc 63 | trimSuffix "-" }}, mountPath: /run/secrets/{{ . }}, readOnly: true}
            {{- end }}
            {{- end }}
      volumes:
        - name: settings
          configMap: {name: {{ include "basewatch.name" .root }}-settings}
        - name: tmp
          emptyDir: {sizeLimit: 512Mi}
        {{- if .events }}
        {{- range .root.Values.files.secrets }}
        - name: {{ printf "files-%s" . | trunc 63 | trimSuffix "-" }}
          secret: {secretName: {{ . }}, defaultMode: 0440}
        {{- end }}
        {{- range .root.Values.files.configMaps }}
        - name: {{ printf "files-%s" . | trunc 63 | trimSuffix "-" }}
          configMap: {name: {{ . }}}
        {{- end }}
        {{- end }}
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              {{- include "basewatch.selector" . | nindent 14 }}
      {{- with .values.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .values.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .values.affinity }}
      affinity:
        {{- toYaml . | nindent 8 }}
      {{- end }}
{{- end }}

{{- define "basewatch.service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "basewatch.name" .root }}-{{ .component }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "basewatch.labels" . | nindent 4 }}
spec:
  type: {{ .type | default "ClusterIP" }}
  selector:
    {{- include "basewatch.selector" . | nindent 4 }}
  ports:
    - {name: http, port: {{ .servicePort | default .port }}, targetPort: http}
{{- end }}

{{- define "basewatch.budget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "basewatch.name" .root }}-{{ .component }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "basewatch.labels" . | nindent 4 }}
spec:
  # Also of one alone: what it does waits in Kafka, and a node can be emptied.
  maxUnavailable: 1
  selector:
    matchLabels:
      {{- include "basewatch.selector" . | nindent 6 }}
{{- end }}

{{- define "basewatch.policy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "basewatch.name" .root }}-{{ .component }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "basewatch.labels" . | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      {{- include "basewatch.selector" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    - ports: [{port: http}]
      {{- with .from }}
      from:
        {{- toYaml . | nindent 8 }}
      {{- end }}
  egress:
    # Kafka, MongoDB and names within the cluster; registries anywhere.
    - to:
        - namespaceSelector: {}
    - to:
        - ipBlock:
            cidr: 0.0.0.0/0
            {{- if .root.Values.networkPolicies.blockMetadata }}
            except: [169.254.0.0/16]
            {{- end }}
        - ipBlock: {cidr: "::/0"}
{{- end }}
