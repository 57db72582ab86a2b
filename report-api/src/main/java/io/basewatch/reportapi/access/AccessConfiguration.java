package io.basewatch.reportapi.access;

import io.basewatch.fleetstore.AccessTokens;
import io.basewatch.fleetstore.AuditLog;
import jakarta.servlet.DispatcherType;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.ProviderNotFoundException;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.AnonymousAuthenticationFilter;
import org.springframework.security.web.firewall.HttpFirewall;
import org.springframework.security.web.firewall.StrictHttpFirewall;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;
import tools.jackson.databind.json.JsonMapper;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AccessProperties.class)
class AccessConfiguration {

    private static final Logger LOG = LoggerFactory.getLogger(AccessConfiguration.class);

    /** Secrets that are nobody's, of one address. */
    private static final int FAILURES_PER_MINUTE = 30;

    private static final int MAX_SECRET = 4096;

    /** What anybody may see: whether the service is well, the page to sign in, and what pages are made of, which is the same for all. */
    private static final String[] FOR_ALL = {
        "/actuator/health",
        "/actuator/health/**",
        "/sign-in",
        "/sign-in/oidc",
        IssuerSignIn.CALLBACK,
        "/assets/**",
        "/webjars/**",
        "/favicon.ico",
        "/favicon.svg"
    };

    /** See the watcher's own settings: each message has a secret that was given to its registry. */
    static final RequestMatcher WEBHOOK =
            PathPatternRequestMatcher.withDefaults().matcher(HttpMethod.POST, "/webhooks/{kind}");

    private static final String[] FOR_OPERATORS = {"/api/v1/tokens", "/api/v1/tokens/**", "/api/v1/audit"};

    @Bean
    Audit audit(AuditLog log) {
        return new Audit(log);
    }

    @Bean
    TokenCredentials tokenCredentials(AccessTokens tokens, AccessProperties properties) {
        TokenCredentials credentials = new TokenCredentials(tokens);
        if (!properties.operatorToken().isEmpty()) {
            credentials.admit(properties.operatorToken(), new Caller("configured-operator", Role.OPERATOR));
        }
        if (!properties.scraperToken().isEmpty()) {
            credentials.admit(properties.scraperToken(), new Caller("configured-scraper", Role.SCRAPER));
        }
        return credentials;
    }

    @Bean
    SignIn signIn(AccessTokens tokens, Clock clock) {
        return new SignIn(tokens, clock);
    }

    /** People who sign in on the issuer's page; one that is nobody's where they do not. */
    @Bean
    IssuerSignIns issuerSignIns(AccessProperties properties) throws IOException {
        AccessProperties.Oidc oidc = properties.oidc();
        return new IssuerSignIns(
                oidc.isForPeople() ? new IssuerSignIn(oidc, clientSecret(oidc), new IssuerCredentials(oidc)) : null);
    }

    private static String clientSecret(AccessProperties.Oidc oidc) throws IOException {
        if (oidc.clientSecretFile().isEmpty()) {
            return oidc.clientSecret();
        }
        String setting = "basewatch.access.oidc.client-secret-file " + oidc.clientSecretFile();
        byte[] bytes;
        try (InputStream in = Files.newInputStream(Path.of(oidc.clientSecretFile()))) {
            bytes = in.readNBytes(MAX_SECRET + 1);
        } catch (IOException | InvalidPathException e) {
            throw new IOException(setting + " cannot be read", e);
        }
        String secret = new String(bytes, StandardCharsets.UTF_8).strip();
        if (!secret.matches("[!-~]{1," + MAX_SECRET + "}")) {
            throw new IOException(setting + " has no secret: one line without spaces");
        }
        return secret;
    }

    /**
     * @param issuer null for none
     */
    record IssuerSignIns(@Nullable IssuerSignIn issuer) {}

    /** Nobody has a password here. */
    @Bean
    AuthenticationManager noPasswords() {
        return said -> {
            throw new ProviderNotFoundException("nobody has a password here");
        };
    }

    /** What is asked for is refused by who answers to it, in words of its own; nothing here is decided by a path that another one could read otherwise. */
    @Bean
    HttpFirewall readAsItStands() {
        StrictHttpFirewall firewall = new StrictHttpFirewall();
        firewall.setUnsafeAllowAnyHttpMethod(true);
        firewall.setAllowUrlEncodedSlash(true);
        firewall.setAllowUrlEncodedDoubleSlash(true);
        firewall.setAllowUrlEncodedPercent(true);
        firewall.setAllowUrlEncodedPeriod(true);
        firewall.setAllowUrlEncodedCarriageReturn(true);
        firewall.setAllowUrlEncodedLineFeed(true);
        firewall.setAllowUrlEncodedLineSeparator(true);
        firewall.setAllowUrlEncodedParagraphSeparator(true);
        firewall.setAllowBackSlash(true);
        firewall.setAllowSemicolon(true);
        firewall.setAllowNull(true);
        firewall.setAllowedHeaderNames(name -> true);
        firewall.setAllowedHeaderValues(value -> true);
        firewall.setAllowedParameterNames(name -> true);
        firewall.setAllowedParameterValues(value -> true);
        return firewall;
    }

    @Bean
    Refusals refusals(JsonMapper json) {
        return new Refusals(json);
    }

    /** Whether everybody who reaches the service may do everything. */
    static boolean isOpen(AccessProperties properties, @Nullable String address) {
        return switch (properties.mode()) {
            case OPEN -> true;
            case CLOSED -> false;
            case AUTO -> isLoopback(address);
        };
    }

    private static boolean isLoopback(@Nullable String address) {
        if (address == null || address.isBlank()) {
            return false;
        }
        try {
            return InetAddress.getByName(address).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    @Bean
    Gate gate(
            AccessProperties properties,
            Environment environment,
            TokenCredentials tokens,
            SignIn signIn,
            Refusals refusals,
            Audit audit) {
        String address = environment.getProperty("server.address");
        boolean isOpen = isOpen(properties, address);
        if (isOpen && !isLoopback(address)) {
            LOG.warn(
                    "whoever reaches this service may do everything, as basewatch.access.mode is open address={}",
                    address);
        }
        return new Gate(
                tokens,
                properties.oidc().isConfigured() ? new IssuerCredentials(properties.oidc()) : null,
                signIn,
                new Origins(properties.hosts(), isOpen),
                new Buckets(properties.requestsPerMinute(), System::nanoTime),
                new Buckets(FAILURES_PER_MINUTE, System::nanoTime),
                refusals,
                audit,
                isOpen);
    }

    /** It stands among those of the chain, and nowhere else. */
    @Bean
    FilterRegistrationBean<Gate> gateInTheChainAlone(Gate gate) {
        FilterRegistrationBean<Gate> nowhere = new FilterRegistrationBean<>(gate);
        nowhere.setEnabled(false);
        return nowhere;
    }

    /** Who starts a service that nobody may ask yet is told how to let somebody. */
    @Bean
    ApplicationListener<ApplicationReadyEvent> firstToken(
            AccessProperties properties, Environment environment, AccessTokens tokens) {
        return ready -> {
            if (!isOpen(properties, environment.getProperty("server.address"))
                    && !properties.oidc().isConfigured()
                    && properties.operatorToken().isEmpty()) {
                try {
                    if (tokens.list().isEmpty()) {
                        LOG.warn(
                                "nobody may ask yet: make a token with './basewatch token create NAME --role operator'");
                    }
                } catch (DataAccessException e) {
                    LOG.debug("whether there are tokens is not known yet", e);
                }
            }
        };
    }

    @Bean
    SecurityFilterChain access(
            HttpSecurity http, Gate gate, AccessProperties properties, Environment environment, Refusals refusals)
            throws Exception {
        if (isOpen(properties, environment.getProperty("server.address"))) {
            http.anonymous(anybody -> anybody.principal(Caller.LOCAL)
                    .authorities(AuthorityUtils.createAuthorityList("ROLE_" + Role.OPERATOR.name())));
        }
        String reader = Role.READER.name();
        String operator = Role.OPERATOR.name();
        return http.addFilterBefore(gate, AnonymousAuthenticationFilter.class)
                .csrf(AbstractHttpConfigurer::disable)
                .requestCache(AbstractHttpConfigurer::disable)
                .logout(AbstractHttpConfigurer::disable)
                .sessionManagement(sessions -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .headers(headers -> headers.cacheControl(cache -> cache.disable()))
                .authorizeHttpRequests(asked -> asked.dispatcherTypeMatchers(
                                DispatcherType.ERROR, DispatcherType.FORWARD, DispatcherType.ASYNC)
                        .permitAll()
                        .requestMatchers(HttpMethod.GET, FOR_ALL)
                        .permitAll()
                        .requestMatchers(HttpMethod.HEAD, FOR_ALL)
                        .permitAll()
                        .requestMatchers(HttpMethod.POST, "/sign-in", "/sign-out")
                        .permitAll()
                        .requestMatchers(WEBHOOK)
                        .permitAll()
                        .requestMatchers(HttpMethod.GET, "/actuator/prometheus")
                        .hasAnyRole(reader, operator, Role.SCRAPER.name())
                        .requestMatchers(FOR_OPERATORS)
                        .hasRole(operator)
                        .requestMatchers(HttpMethod.GET, "/**")
                        .hasAnyRole(reader, operator)
                        .requestMatchers(HttpMethod.HEAD, "/**")
                        .hasAnyRole(reader, operator)
                        .requestMatchers(HttpMethod.OPTIONS, "/**")
                        .hasAnyRole(reader, operator)
                        .anyRequest()
                        .hasRole(operator))
                .exceptionHandling(refused -> refused.authenticationEntryPoint(
                                (request, response, e) -> refusals.unknown(
                                        request,
                                        response,
                                        "Say who asks: 'Authorization: Bearer bw_…'. An operator makes a token by"
                                                + " './basewatch token create'."))
                        .accessDeniedHandler((request, response, e) -> refusals.tell(
                                request,
                                response,
                                HttpStatus.FORBIDDEN,
                                "forbidden",
                                "Forbidden",
                                "This takes another role than '"
                                        + Caller.current().role() + "'.")))
                .build();
    }
}
