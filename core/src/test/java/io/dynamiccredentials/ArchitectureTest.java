package io.dynamiccredentials;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.stream.Stream;

/** Holds the arrows of the pipeline: imports point only up the list of stages. */
@AnalyzeClasses(packages = "io.dynamiccredentials", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule WIRE = stage("wire", "wire");

    @ArchTest
    static final ArchRule WORKLOAD = stage("workload", "root", "wire", "workload");

    @ArchTest
    static final ArchRule JWK = stage("jwk", "root", "wire", "jwk");

    @ArchTest
    static final ArchRule KEYS = stage("keys", "root", "wire", "jwk", "keys");

    @ArchTest
    static final ArchRule TOKEN = stage("token", "root", "wire", "workload", "jwk", "keys", "token");

    @ArchTest
    static final ArchRule DISCOVERY = stage("discovery", "root", "wire", "jwk", "keys", "discovery");

    @ArchTest
    static final ArchRule VERIFY = stage("verify", "root", "wire", "jwk", "verify");

    @ArchTest
    static final ArchRule EXCHANGE = stage("exchange", "root", "wire", "token", "exchange");

    @ArchTest
    static final ArchRule ENVIRONMENT = stage("environment", "root", "wire", "environment");

    @ArchTest
    static final ArchRule BROKER = stage("broker", "root", "wire", "environment", "broker");

    @ArchTest
    static final ArchRule JOURNAL = stage("journal", "root", "wire", "exchange", "journal");

    @ArchTest
    static final ArchRule CONFIG =
            stage("config", "root", "wire", "workload", "token", "exchange", "environment", "config");

    @ArchTest
    static final ArchRule HANDOVER =
            stage("handover", "root", "wire", "workload", "token", "exchange", "environment", "config", "handover");

    @ArchTest
    static final ArchRule NOBODY_KNOWS_HANDOVER = noClasses()
            .that()
            .resideOutsideOfPackage("io.dynamiccredentials.handover")
            .should()
            .dependOnClassesThat(JavaClass.Predicates.resideInAPackage("io.dynamiccredentials.handover"));

    @ArchTest
    static final ArchRule RUN = stage(
            "run",
            "root",
            "wire",
            "workload",
            "token",
            "exchange",
            "environment",
            "broker",
            "journal",
            "config",
            "run");

    @ArchTest
    static final ArchRule JDBC = stage("jdbc", "root", "wire", "keys", "verify", "exchange", "journal", "jdbc");

    @ArchTest
    static final ArchRule NOBODY_KNOWS_JDBC = noClasses()
            .that()
            .resideOutsideOfPackage("io.dynamiccredentials.jdbc")
            .should()
            .dependOnClassesThat(
                    JavaClass.Predicates.resideInAnyPackage("io.dynamiccredentials.jdbc", "java.sql..", "javax.sql.."));

    @ArchTest
    static final ArchRule ROOT = noClasses()
            .that()
            .resideInAPackage("io.dynamiccredentials")
            .should()
            .dependOnClassesThat(inStages(
                    "workload",
                    "jwk",
                    "keys",
                    "token",
                    "discovery",
                    "verify",
                    "exchange",
                    "environment",
                    "broker",
                    "journal",
                    "config",
                    "handover",
                    "run",
                    "jdbc"));

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("io.dynamiccredentials.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule CLOSED_TYPES = classes()
            .that()
            .areTopLevelClasses()
            .and()
            .areNotInterfaces()
            .and()
            .areNotEnums()
            .should()
            .haveModifier(JavaModifier.FINAL)
            .orShould()
            .haveModifier(JavaModifier.ABSTRACT);

    @ArchTest
    static final ArchRule SECRETS_ARE_SECRETS = fields().that()
            .haveNameMatching("(?i).*(token|secret|password|credential|privateKey)")
            .should()
            .notHaveRawType(String.class)
            .andShould()
            .notHaveRawType(byte[].class)
            .andShould()
            .notHaveRawType(char[].class)
            .because("a String prints itself; a Secret does not");

    @ArchTest
    static final ArchRule NO_ENVIRONMENT_BUT_AT_THE_DOOR = noClasses()
            .that()
            .doNotHaveFullyQualifiedName("io.dynamiccredentials.run.DynamicCredentials$Builder")
            .should()
            .callMethod(System.class, "getenv")
            .orShould()
            .callMethod(System.class, "getenv", String.class);

    private static ArchRule stage(String name, String... mayKnow) {
        return classes()
                .that()
                .resideInAPackage("io.dynamiccredentials." + name)
                .should()
                .onlyDependOnClassesThat(inStages(mayKnow).or(notOurs()));
    }

    private static DescribedPredicate<JavaClass> inStages(String... stages) {
        String[] packages = Stream.of(stages)
                .map(stage -> stage.equals("root") ? "io.dynamiccredentials" : "io.dynamiccredentials." + stage)
                .toArray(String[]::new);
        return JavaClass.Predicates.resideInAnyPackage(packages);
    }

    private static DescribedPredicate<JavaClass> notOurs() {
        return JavaClass.Predicates.resideOutsideOfPackage("io.dynamiccredentials..");
    }
}
