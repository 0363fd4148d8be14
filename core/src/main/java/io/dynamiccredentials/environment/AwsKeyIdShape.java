package io.dynamiccredentials.environment;

/** Finds ids of AWS's access keys: {@code AKIA} or {@code ASIA}, and 16 or more of {@code A-Z0-9}. */
final class AwsKeyIdShape implements TokenShape {
    private static final int PREFIX = 4;
    private static final int SHORTEST = 20;

    /** How many bytes of an id were read, up to {@link #SHORTEST}. */
    private int length;

    @Override
    public int read(byte b) {
        if (!continues(b)) {
            length = b == 'A' ? 1 : 0;
            return 0;
        }
        if (length == SHORTEST) {
            return 1;
        }
        length++;
        return length == SHORTEST ? SHORTEST : 0;
    }

    @Override
    public int pending() {
        return length == SHORTEST ? 0 : length;
    }

    private boolean continues(byte b) {
        return switch (length) {
            case 0, PREFIX - 1 -> b == 'A';
            case 1 -> b == 'K' || b == 'S';
            case 2 -> b == 'I';
            default -> (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9');
        };
    }
}
