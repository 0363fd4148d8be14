package example.ciserver;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** Rows of text, printed with aligned columns; a long last cell goes on below itself. */
final class Table {
    private static final String INDENT = "  ";
    private static final int LAST_WIDTH = 80;

    private final List<List<String>> rows = new ArrayList<>();

    void row(String... cells) {
        rows.add(List.of(cells));
    }

    void print(PrintStream out) {
        int last = rows.get(0).size() - 1;
        int[] widths = new int[last];
        for (List<String> row : rows) {
            for (int i = 0; i < last; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder(INDENT);
            for (int i = 0; i < last; i++) {
                line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
            }
            String below = "\n" + " ".repeat(line.length());
            out.println(line.append(String.join(below, wrap(row.get(last)))));
        }
    }

    private static List<String> wrap(String text) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ", -1)) {
            if (line.length() > 0 && line.length() + 1 + word.length() > LAST_WIDTH) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.length() == 0 ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }
}
