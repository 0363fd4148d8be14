package io.dynamiccredentials.benchmarks;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.benchmarks.InMemoryPlatform.Way;
import io.dynamiccredentials.environment.RunEnvironment;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what a run has, as its tools do: from its files and from its endpoint. Holds nothing. */
final class RunReader {
    private static final Pattern END = Pattern.compile("\"exp\":(\\d+)");

    private RunReader() {}

    /** Returns the first end of what one run reads. */
    static Instant firstEnd(RunEnvironment environment) throws IOException {
        String token = Files.readString(Path.of(variable(environment, Way.TOKEN.location())));
        Instant ofToken = end(decoded(token.split("[.]", -1)[1]));
        Instant ofFile = end(Files.readString(Path.of(variable(environment, Way.FILE.location()))));
        Instant ofBroker = end(served(environment));
        Instant first = ofToken.isBefore(ofFile) ? ofToken : ofFile;
        return first.isBefore(ofBroker) ? first : ofBroker;
    }

    private static String served(RunEnvironment environment) throws IOException {
        URI address = URI.create(variable(environment, Way.BROKER.location()));
        HttpURLConnection connection = (HttpURLConnection) address.toURL().openConnection(Proxy.NO_PROXY);
        connection.setRequestProperty("Authorization", "Bearer " + variable(environment, Way.BROKER.bearer()));
        return new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static String variable(RunEnvironment environment, String name) {
        Secret value = Objects.requireNonNull(environment.variables().get(name), name + " is not set");
        return value.reveal();
    }

    private static String decoded(String part) {
        return new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8);
    }

    private static Instant end(String json) throws IOException {
        Matcher matcher = END.matcher(json);
        if (!matcher.find()) {
            throw new IOException("What a run reads must tell its end, and has no \"exp\"");
        }
        return Instant.ofEpochSecond(Long.parseLong(matcher.group(1)));
    }
}
