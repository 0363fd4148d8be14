package io.dynamiccredentials.discovery;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.List;

/**
 * Serves a {@link DiscoveryEndpoint} from a Jakarta Servlet container (Servlet 6.0 or newer), which brings the Servlet
 * API.
 *
 * <p>Map it to {@code /.well-known/*} or to {@code /}. What counts is the whole path of the request, context path
 * included: for the issuer {@code https://host.example/ci} it begins with {@code /ci/.well-known/}. Safe for use by
 * many threads.
 */
public final class ServletDiscovery extends HttpServlet {
    private static final long serialVersionUID = 1;

    private final transient DiscoveryEndpoint endpoint;

    private ServletDiscovery(DiscoveryEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    /** Returns a servlet for {@code endpoint}. */
    public static ServletDiscovery of(DiscoveryEndpoint endpoint) {
        return new ServletDiscovery(endpoint);
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        List<String> ifNoneMatch = Collections.list(request.getHeaders("If-None-Match"));
        // The request URI is the path as it came; getPathInfo is decoded, normalized and without the context path.
        DiscoveryReply reply = endpoint.answer(request.getMethod(), request.getRequestURI(), ifNoneMatch);
        response.setStatus(reply.status());
        reply.headers().forEach(response::setHeader);
        if (reply.bodyBytes() > 0) {
            reply.writeBody(response.getOutputStream());
        }
    }
}
