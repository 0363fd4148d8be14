package io.dynamiccredentials.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A test that has one conversation with a fake, as a line of what is known about its platform tells it: a request in;
 * status, headers and body out. They are counted.
 */
@Test
@Tag("conversation")
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Conversation {

    /** Returns the line, such as {@code A3 InvalidIdentityToken: no provider}. */
    String value();

    /** Tells whether the platform's official library, or its own parsing of errors, is the client. */
    boolean sdk() default false;
}
