package io.dynamiccredentials.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.config.Configuration;
import io.dynamiccredentials.config.ConfiguredPlatform;
import io.dynamiccredentials.config.TerraformVariables;
import io.dynamiccredentials.exchange.Credentials;
import io.dynamiccredentials.run.RunLease;
import io.dynamiccredentials.token.IdentityToken;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.LoggerFactory;

/** Looks for every secret of whole runs, good and refused, in all that the library and the SDKs print. */
@Isolated("captures the log of everything in this JVM")
class LeakTest {
    private static final List<String> PUBLIC_VARIABLES = List.of("AWS_ACCESS_KEY_ID");

    @TempDir
    Path directory;

    @Test
    void wholeRuns_atTraceLevel_printNoSecret() throws Exception {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Level before = root.getLevel();
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        root.setLevel(Level.TRACE);
        root.addAppender(log);
        List<String> secrets = new ArrayList<>();
        StringWriter printed = new StringWriter();
        try (FourPlatforms platforms = new FourPlatforms()) {
            goodRun(platforms, secrets, new PrintWriter(printed, true));
            everyValue(platforms, secrets, new PrintWriter(printed, true));
            refusedRuns(platforms, new PrintWriter(printed, true));
        } finally {
            root.detachAppender(log);
            root.setLevel(before);
        }
        printed.append(text(log.list));
        Thread.getAllStackTraces()
                .keySet()
                .forEach(thread -> printed.append(thread.getName()).append('\n'));

        // In variables and files: two of an AWS session, a Vault token, two identity tokens. Then for each platform an
        // identity token, and two of an AWS session, a Vault token, and the access tokens of Google and Azure.
        assertThat(secrets).doesNotHaveDuplicates().hasSize(5 + 4 + 5);
        // Without this, a log that captured nothing would pass.
        assertThat(log.list)
                .extracting(ILoggingEvent::getLoggerName)
                .anyMatch(name -> name.startsWith("com.azure"))
                .anyMatch(name -> name.startsWith("software.amazon.awssdk"));
        assertThat(secrets)
                .allSatisfy(secret ->
                        assertThat(printed.toString().contains(secret)).isFalse());
        assertThat(printed.toString().contains("eyJ")).isFalse();
    }

    private void goodRun(FourPlatforms platforms, List<String> secrets, PrintWriter out) throws IOException {
        RunLease lease = platforms.door(directory).open(Runs.plan(), platforms.variables());
        try (lease) {
            for (Map.Entry<String, Secret> variable :
                    lease.environment().variables().entrySet()) {
                String name = variable.getKey();
                boolean secret = name.endsWith("_TOKEN") || name.endsWith("_KEY");
                if (secret && !PUBLIC_VARIABLES.contains(name)) {
                    secrets.add(variable.getValue().reveal());
                }
            }
            for (Path file : lease.environment().files()) {
                // Vault's is the one of the variable.
                if (file.toString().endsWith("-token") && !file.toString().endsWith("vault-token")) {
                    secrets.add(Files.readString(file));
                }
            }
            out.println(lease);
            out.println(lease.environment());
            out.println(lease.environment().variables());
        }
        out.println(lease.report());
    }

    private static void everyValue(FourPlatforms platforms, List<String> secrets, PrintWriter out) throws Exception {
        for (Configuration<?> configuration :
                TerraformVariables.read(platforms.variables(), Runs.plan(), platforms.providers())) {
            exchange(configuration.platform(), platforms.issuer, secrets, out);
        }
    }

    private static <C extends Credentials> void exchange(
            ConfiguredPlatform<C> platform, TestIssuer issuer, List<String> secrets, PrintWriter out) throws Exception {
        IdentityToken token = issuer.issue(Runs.plan(), platform.exchanger().audience());
        secrets.add(token.compact().reveal());
        C credentials = platform.exchanger().exchange(token);
        for (RecordComponent component : credentials.getClass().getRecordComponents()) {
            if (component.getType() == Secret.class) {
                secrets.add(((Secret) component.getAccessor().invoke(credentials)).reveal());
            }
        }
        out.println(token);
        out.println(credentials);
        out.println(credentials.principal());
        out.println(platform);
        out.println(platform.exchanger().revoke(credentials));
    }

    private void refusedRuns(FourPlatforms platforms, PrintWriter out) {
        for (String platform : List.of("AWS", "AZURE", "GCP", "VAULT")) {
            Map<String, String> variables = platforms.variables();
            Stream.of("AWS", "AZURE", "GCP", "VAULT")
                    .forEach(name ->
                            variables.put("TFC_" + name + "_PROVIDER_AUTH", String.valueOf(name.equals(platform))));
            try (RunLease lease = platforms.door(directory).open(Runs.ofOtherProject(), variables)) {
                throw new AssertionError(platform + " accepted a stranger: " + lease);
            } catch (CredentialExchangeException e) {
                e.printStackTrace(out);
            }
        }
    }

    private static String text(List<ILoggingEvent> events) {
        PatternLayout layout = new PatternLayout();
        layout.setContext((LoggerContext) LoggerFactory.getILoggerFactory());
        layout.setPattern("%thread %level %logger %mdc %msg%n%ex{full}");
        layout.start();
        StringBuilder text = new StringBuilder();
        List.copyOf(events).forEach(event -> text.append(layout.doLayout(event)));
        return text.toString();
    }
}
