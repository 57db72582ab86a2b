package io.basewatch.fingerprint.packages;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Walks an XML property list as proplib(3) writes it: elements, text and the five entities of XML. Its document type names a file elsewhere, which is not
 * looked at; entities that it could define are left as they stand. Java's own XML readers print what they do not like, and throw what they do not declare.
 */
final class PropertyList {

    private static final int MAX_DEPTH = 32;
    private static final int MAX_TEXT = 4096;

    private final String xml;
    private final Visitor visitor;
    private final Deque<String> open = new ArrayDeque<>();
    private final StringBuilder text = new StringBuilder();
    private boolean isOver;
    private int position;

    private PropertyList(String xml, Visitor visitor) {
        this.xml = xml;
        this.visitor = visitor;
    }

    /** Takes the elements in the order in which they stand. */
    interface Visitor {

        void start(String element);

        /**
         * @param text what stands directly before the end, up to {@value #MAX_TEXT} characters
         */
        void end(String element, String text);
    }

    /**
     * @throws BrokenDatabaseException at the first place that breaks the format, its end among them; what stands before it was handed over
     */
    static void read(String xml, Visitor visitor) throws BrokenDatabaseException {
        new PropertyList(xml, visitor).read();
    }

    private void read() throws BrokenDatabaseException {
        while (position < xml.length()) {
            int tag = xml.indexOf('<', position);
            readText(tag < 0 ? xml.length() : tag);
            if (tag >= 0) {
                readTag();
            }
        }
        if (!isOver) {
            throw broken("ends before its last element does");
        }
    }

    private void readText(int end) throws BrokenDatabaseException {
        String part = xml.substring(position, end);
        if (open.isEmpty() && !part.isBlank()) {
            throw broken("has text outside of its elements");
        }
        if (text.length() < MAX_TEXT) {
            text.append(part, 0, Math.min(part.length(), MAX_TEXT - text.length()));
        }
        position = end;
    }

    private void readTag() throws BrokenDatabaseException {
        if (xml.startsWith("<!--", position)) {
            position = after("-->");
        } else if (xml.startsWith("<?", position)) {
            position = after("?>");
        } else if (xml.startsWith("<!", position)) {
            skipDeclaration();
        } else {
            int end = after(">");
            String tag = xml.substring(position + 1, end - 1).strip();
            position = end;
            readElement(tag);
        }
    }

    private void readElement(String tag) throws BrokenDatabaseException {
        if (tag.startsWith("/")) {
            String element = tag.substring(1);
            if (!element.equals(open.peek())) {
                throw broken("closes " + element + " where it is not open");
            }
            open.pop();
            isOver = open.isEmpty();
            visitor.end(element, unescaped(text.toString()));
        } else {
            boolean isEmpty = tag.endsWith("/");
            String element = tag.split("[\\s/]", 2)[0];
            if (element.isEmpty() || isOver || open.size() >= MAX_DEPTH) {
                throw broken(isOver ? "goes on after its last element" : "has an element that it cannot have");
            }
            visitor.start(element);
            if (isEmpty) {
                visitor.end(element, "");
            } else {
                open.push(element);
            }
        }
        text.setLength(0);
    }

    private int after(String end) throws BrokenDatabaseException {
        int found = xml.indexOf(end, position);
        if (found < 0) {
            throw broken("breaks off within a tag");
        }
        return found + end.length();
    }

    /** With the declarations inside of it. */
    private void skipDeclaration() throws BrokenDatabaseException {
        int depth = 0;
        do {
            if (position == xml.length()) {
                throw broken("breaks off within a tag");
            }
            char next = xml.charAt(position++);
            depth += next == '<' ? 1 : next == '>' ? -1 : 0;
        } while (depth > 0);
    }

    private static String unescaped(String text) {
        return text.indexOf('&') < 0
                ? text
                : text.replace("&lt;", "<")
                        .replace("&gt;", ">")
                        .replace("&quot;", "\"")
                        .replace("&apos;", "'")
                        .replace("&amp;", "&");
    }

    private BrokenDatabaseException broken(String problem) {
        long line = xml.substring(0, Math.min(position, xml.length()))
                        .chars()
                        .filter(c -> c == '\n')
                        .count()
                + 1;
        return new BrokenDatabaseException("is no XML property list: " + problem + ", in line " + line);
    }
}
