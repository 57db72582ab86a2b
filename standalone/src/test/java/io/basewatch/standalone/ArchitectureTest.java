package io.basewatch.standalone;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameStartingWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows of the house, as docs/ARCHITECTURE.md draws them. */
@AnalyzeClasses(packages = "io.basewatch", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String[] MONGO = {
        "com.mongodb..",
        "org.bson..",
        "org.springframework.data..",
        "org.springframework.boot.mongodb..",
        "de.bwaldvogel.."
    };
    private static final String[] KAFKA = {
        "org.apache.kafka..", "kafka..", "org.springframework.kafka..", "org.springframework.cloud.stream.."
    };
    private static final String JIB = "com.google.cloud.tools..";
    private static final String SPRING = "org.springframework..";

    @ArchTest
    static final ArchRule arrowsPointOnlyDownwardAndServicesNeverSeeEachOther = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("io.basewatch..")
            .layer("standalone")
            .definedBy("io.basewatch.standalone..")
            .layer("registry-watcher")
            .definedBy("io.basewatch.registrywatcher..")
            .layer("layer-analyzer")
            .definedBy("io.basewatch.layeranalyzer..")
            .layer("report-api")
            .definedBy("io.basewatch.reportapi..")
            .layer("oci-registry")
            .definedBy("io.basewatch.ociregistry..")
            .layer("registry-testkit")
            .definedBy("io.basewatch.registrytestkit..")
            .layer("caveats")
            .definedBy("io.basewatch.caveats..")
            .layer("fingerprint")
            .definedBy("io.basewatch.fingerprint..")
            .layer("elf")
            .definedBy("io.basewatch.elf..")
            .layer("layer-facts")
            .definedBy("io.basewatch.layerfacts..")
            .layer("fleet-store")
            .definedBy("io.basewatch.fleetstore..")
            .layer("embedded-store")
            .definedBy("io.basewatch.embeddedstore..")
            .layer("backlog")
            .definedBy("io.basewatch.backlog..")
            .layer("lineage")
            .definedBy("io.basewatch.lineage..")
            .layer("event-log")
            .definedBy("io.basewatch.eventlog..")
            .layer("settings")
            .definedBy("io.basewatch.settings..")
            .layer("worker")
            .definedBy("io.basewatch.worker..")
            .layer("tracing")
            .definedBy("io.basewatch.tracing..")
            .layer("lifecycle")
            .definedBy("io.basewatch.lifecycle..")
            .layer("fleet-model")
            .definedBy("io.basewatch.fleetmodel..")
            .whereLayer("standalone")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("registry-watcher")
            .mayOnlyBeAccessedByLayers("standalone")
            .whereLayer("layer-analyzer")
            .mayOnlyBeAccessedByLayers("standalone")
            .whereLayer("report-api")
            .mayOnlyBeAccessedByLayers("standalone")
            .whereLayer("oci-registry")
            .mayOnlyBeAccessedByLayers("standalone", "registry-watcher", "layer-analyzer")
            .whereLayer("registry-testkit")
            .mayOnlyBeAccessedByLayers("standalone")
            .whereLayer("caveats")
            .mayOnlyBeAccessedByLayers("standalone", "layer-analyzer", "report-api")
            .whereLayer("fingerprint")
            .mayOnlyBeAccessedByLayers("standalone", "layer-analyzer", "caveats")
            .whereLayer("elf")
            .mayOnlyBeAccessedByLayers("standalone", "layer-analyzer", "caveats", "fingerprint")
            .whereLayer("layer-facts")
            .mayOnlyBeAccessedByLayers("standalone", "layer-analyzer", "report-api", "caveats", "fingerprint", "elf")
            .whereLayer("fleet-store")
            .mayOnlyBeAccessedByLayers("standalone", "registry-watcher", "layer-analyzer", "report-api")
            .whereLayer("backlog")
            .mayOnlyBeAccessedByLayers("standalone", "report-api")
            .whereLayer("lineage")
            .mayOnlyBeAccessedByLayers("standalone", "report-api", "backlog", "fleet-store")
            .whereLayer("event-log")
            .mayOnlyBeAccessedByLayers("standalone", "registry-watcher", "layer-analyzer")
            .whereLayer("settings")
            .mayOnlyBeAccessedByLayers("standalone", "registry-watcher", "layer-analyzer", "report-api")
            .whereLayer("worker")
            .mayOnlyBeAccessedByLayers(
                    "standalone",
                    "registry-watcher",
                    "layer-analyzer",
                    "report-api",
                    "fleet-store",
                    "event-log",
                    "settings")
            .whereLayer("tracing")
            .mayOnlyBeAccessedByLayers("standalone", "registry-watcher", "layer-analyzer", "event-log")
            .whereLayer("lifecycle")
            .mayOnlyBeAccessedByLayers("standalone", "report-api", "backlog")
            .whereLayer("embedded-store")
            .mayOnlyBeAccessedByLayers("standalone")
            .because(
                    "a change must be followable in one direction, and a service must be deployable without the others");

    @ArchTest
    static final ArchRule theNounsKnowNoEngine = noClasses()
            .that()
            .resideInAPackage("io.basewatch.fleetmodel..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(join(MONGO, KAFKA, JIB, SPRING))
            .because("everybody depends on the nouns: what they pull in, everybody pulls in");

    @ArchTest
    static final ArchRule fingerprintsNeedNoService = noClasses()
            .that()
            .resideInAnyPackage(
                    "io.basewatch.backlog..",
                    "io.basewatch.lineage..",
                    "io.basewatch.caveats..",
                    "io.basewatch.lifecycle..",
                    "io.basewatch.fingerprint..",
                    "io.basewatch.elf..",
                    "io.basewatch.layerfacts..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(join(MONGO, KAFKA, JIB, SPRING))
            .because(
                    "bytes become findings, and layers lineage, without any service: on the command line, in a test, in somebody else's program");

    @ArchTest
    static final ArchRule judgementsKnowNoLayers = noClasses()
            .that()
            .resideInAPackage("io.basewatch.caveats")
            .should()
            .dependOnClassesThat(resideInAPackage("io.basewatch.layerfacts..")
                    .and(not(name("io.basewatch.layerfacts.ImageView")))
                    .and(not(name("io.basewatch.layerfacts.ImageFile")))
                    .and(not(name("io.basewatch.layerfacts.Conclusion")))
                    .and(not(nameStartingWith("io.basewatch.layerfacts.FileEntry"))))
            .because("a stored description of a base can then stand in for an image");

    @ArchTest
    static final ArchRule jibIsInvisibleOutsideOciRegistry = noClasses()
            .that()
            .resideOutsideOfPackage("io.basewatch.ociregistry..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(JIB)
            .because("its API is beta and its parser strict: one room hides how registries are talked to");

    @ArchTest
    static final ArchRule mongoIsInvisibleOutsideFleetStore = noClasses()
            .that()
            .resideOutsideOfPackages("io.basewatch.fleetstore..", "io.basewatch.embeddedstore..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(MONGO)
            .because("nobody else sees a document");

    @ArchTest
    static final ArchRule librariesKnowNoKafka = noClasses()
            .that()
            .resideInAnyPackage("io.basewatch.ociregistry..", "io.basewatch.fleetstore..", "io.basewatch.worker..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(KAFKA)
            .because(
                    "events are the services' way to talk, not the libraries'; what they do with Kafka alike is event-log's");

    @ArchTest
    static final ArchRule openTelemetryIsTouchedInOnePlace = noClasses()
            .that()
            .haveNameNotMatching(".*\\.OpenTelemetryStep(\\$.*)?")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.opentelemetry..")
            .because("nothing of it is loaded where nothing is traced");

    @ArchTest
    static final ArchRule nothingWaitsForTheFinalizer = noClasses()
            .should()
            .dependOnClassesThat(
                    name("com.github.luben.zstd.ZstdInputStream").or(name("com.github.luben.zstd.ZstdOutputStream")))
            .because(
                    "their buffers stay in the heap until its one thread comes by; there are the same without a finalizer");

    @ArchTest
    static final ArchRule registriesAreTalkedToWithoutSpring = noClasses()
            .that()
            .resideInAPackage("io.basewatch.ociregistry..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(SPRING)
            .because("the command line reads images without starting a container of beans");

    @ArchTest
    static final ArchRule kafkasServerInternalsAreTouchedInOnePlace = noClasses()
            .that()
            .doNotHaveSimpleName("EmbeddedKafka")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("kafka..", "org.apache.kafka.metadata..", "org.apache.kafka.server..")
            .because("they are no public API: a change of version must be tried in one class only");

    @ArchTest
    static final ArchRule modulesFormNoCycles =
            slices().matching("io.basewatch.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule packagesWithinAModuleFormNoCycles = slices().matching("io.basewatch.(*).(*)..")
            .should()
            .beFreeOfCycles()
            .because(
                    "a module's own package holds the contract that its inner ones fulfil and the list that names them;"
                            + " beside that the inner ones depend on each other one way");

    @ArchTest
    static final ArchRule packagesAreNamedAfterTheDomain = classes()
            .should()
            .resideOutsideOfPackages("..util..", "..utils..", "..impl..", "..common..", "..dto..", "..helper..")
            .because("such a folder says nothing of what is in it: put the method on the type it is about");

    private static String[] join(String[] first, String[] second, String... more) {
        return java.util.stream.Stream.of(first, second, more)
                .flatMap(java.util.Arrays::stream)
                .toArray(String[]::new);
    }
}
