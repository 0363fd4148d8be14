package io.dynamiccredentials.broker;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.dynamiccredentials.environment.LoopbackEndpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;

/** Sends requests byte for byte, also such as no client of the JDK would send. */
record RawClient(LoopbackEndpoint endpoint) {

    /** An answer as it came. */
    record Reply(int status, String head, String body) {}

    /** Returns a good head, in which each line ends as it should. */
    String head(String... moreLines) {
        return headOf(endpoint.url().getPath(), moreLines);
    }

    String headOf(String target, String... moreLines) {
        return raw(
                "GET " + target + " HTTP/1.1",
                "Host: 127.0.0.1:" + port(),
                "Authorization: " + endpoint.bearer().reveal(),
                String.join("\r\n", moreLines));
    }

    static String raw(String... lines) {
        StringBuilder head = new StringBuilder();
        for (String line : lines) {
            if (!line.isEmpty()) {
                head.append(line).append("\r\n");
            }
        }
        return head.append("\r\n").toString();
    }

    Reply get() throws IOException {
        return send(head());
    }

    Reply send(String request) throws IOException {
        return parse(exchange(request));
    }

    /** Returns all that comes until the broker closes the connection. */
    String exchange(String request) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }

    /** Connects, and fails loudly instead of waiting for ever. */
    Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port());
        socket.setSoTimeout(10_000);
        socket.setTcpNoDelay(true);
        return socket;
    }

    int port() {
        return endpoint.url().getPort();
    }

    static Reply parse(String answer) {
        int end = answer.indexOf("\r\n\r\n");
        String head = answer.substring(0, end);
        return new Reply(Integer.parseInt(head.split(" ", 3)[1]), head, answer.substring(end + 4));
    }
}
