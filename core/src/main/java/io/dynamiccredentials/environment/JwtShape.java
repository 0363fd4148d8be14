package io.dynamiccredentials.environment;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * Finds JWTs: a header and a claim set that both begin with {@code eyJ}, and a signature.
 *
 * <p>It is sure as soon as the claim set begins, and holds the header only, of at most 2048 bytes: what is longer is no
 * token by its looks.
 */
final class JwtShape implements TokenShape {
    private static final int LONGEST_HEADER = 2048;
    private static final byte[] BEGINNING = "eyJ".getBytes(US_ASCII);

    private enum Part {
        OUTSIDE,
        HEADER,
        CLAIMS_BEGINNING,
        CLAIMS,
        SIGNATURE_BEGINNING,
        SIGNATURE
    }

    private Part part = Part.OUTSIDE;
    /** How many bytes of {@link #BEGINNING} were read, outside and where the claims begin. */
    private int begun;

    private int length;

    @Override
    public int read(byte b) {
        return switch (part) {
            case OUTSIDE -> outside(b);
            case HEADER -> header(b);
            case CLAIMS_BEGINNING -> claimsBeginning(b);
            case CLAIMS -> b == '.' ? goTo(Part.SIGNATURE_BEGINNING, 0) : inside(b, Part.CLAIMS, 1);
            case SIGNATURE_BEGINNING -> inside(b, Part.SIGNATURE, 2);
            case SIGNATURE -> inside(b, Part.SIGNATURE, 1);
        };
    }

    @Override
    public int pending() {
        return switch (part) {
            case OUTSIDE -> begun;
            case HEADER, CLAIMS_BEGINNING -> length;
            case CLAIMS, SIGNATURE -> 0;
            case SIGNATURE_BEGINNING -> 1;
        };
    }

    private int outside(byte b) {
        part = Part.OUTSIDE;
        begun = continues(b);
        if (begun == BEGINNING.length) {
            part = Part.HEADER;
            length = BEGINNING.length;
        }
        return 0;
    }

    private int continues(byte b) {
        if (b == BEGINNING[begun % BEGINNING.length]) {
            return begun % BEGINNING.length + 1;
        }
        return b == BEGINNING[0] ? 1 : 0;
    }

    private int header(byte b) {
        length++;
        if (b == '.') {
            begun = 0;
            return goTo(Part.CLAIMS_BEGINNING, 0);
        }
        if (!isBase64Url(b) || length > LONGEST_HEADER) {
            begun = 0;
            return outside(b);
        }
        return 0;
    }

    private int claimsBeginning(byte b) {
        if (b != BEGINNING[begun]) {
            return outside(b);
        }
        begun++;
        length++;
        return begun == BEGINNING.length ? goTo(Part.CLAIMS, length) : 0;
    }

    private int inside(byte b, Part next, int found) {
        if (isBase64Url(b)) {
            return goTo(next, found);
        }
        begun = 0;
        return outside(b);
    }

    private int goTo(Part next, int found) {
        part = next;
        return found;
    }

    private static boolean isBase64Url(byte b) {
        return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') || b == '-' || b == '_';
    }
}
