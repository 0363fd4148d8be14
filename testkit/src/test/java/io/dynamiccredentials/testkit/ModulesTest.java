package io.dynamiccredentials.testkit;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the arrows between the modules: a platform knows core, and nobody in production knows a fake. */
class ModulesTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.dynamiccredentials");

    @ParameterizedTest
    @CsvSource({"aws, azure, gcp, vault", "azure, aws, gcp, vault", "gcp, aws, azure, vault", "vault, aws, azure, gcp"})
    void platform_knowsNoOtherPlatform(String platform, String one, String two, String three) {
        noClasses()
                .that()
                .resideInAPackage(packageOf(platform))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(packageOf(one), packageOf(two), packageOf(three))
                .check(CLASSES);
    }

    @Test
    void testkit_isKnownToNobody() {
        noClasses()
                .that()
                .resideOutsideOfPackage(packageOf("testkit"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(packageOf("testkit"))
                .check(CLASSES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"aws", "azure", "gcp", "vault"})
    void platform_exportsFewTypes(String platform) {
        assertThat(CLASSES.stream()
                        .filter(type -> type.getPackageName().equals("io.dynamiccredentials." + platform))
                        .filter(type ->
                                type.isTopLevelClass() && type.getModifiers().contains(JavaModifier.PUBLIC))
                        .map(JavaClass::getSimpleName))
                .hasSizeBetween(5, 9);
    }

    /** The SDK of KMS is optional: whoever does without it must not meet a class that needs it. */
    @Test
    void kms_isNeededByItsOwnClassesOnly() {
        noClasses()
                .that()
                .haveNameNotMatching("io\\.dynamiccredentials\\.aws\\.(AwsKmsKeys|Kms[A-Za-z]+)([$].*)?")
                .should()
                .dependOnClassesThat()
                .haveNameMatching("software\\.amazon\\.awssdk\\.services\\.kms\\..*"
                        + "|io\\.dynamiccredentials\\.aws\\.(AwsKmsKeys|Kms[A-Za-z]+)([$].*)?")
                .check(CLASSES);
    }

    @Test
    void topLevelClasses_areClosed() {
        classes()
                .that()
                .areTopLevelClasses()
                .and()
                .areNotInterfaces()
                .and()
                .areNotEnums()
                .should()
                .haveModifier(JavaModifier.FINAL)
                .orShould()
                .haveModifier(JavaModifier.ABSTRACT)
                .check(CLASSES);
    }

    @Test
    void secretsOfPlatforms_areSecrets() {
        fields().that()
                .areDeclaredInClassesThat()
                .resideOutsideOfPackage(packageOf("testkit"))
                .and()
                .haveNameMatching("(?i).*(token|secret|password|privateKey|secretAccessKey|assertion)")
                .should()
                .notHaveRawType(String.class)
                .because("a String prints itself; a Secret does not")
                .check(CLASSES);
    }

    private static String packageOf(String module) {
        return "io.dynamiccredentials." + module + "..";
    }
}
