package xen.toolstack.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import xen.toolstack.api.ToolstackException;

/**
 * The syntax of xl.cfg (xl.cfg(5)): {@code KEY = VALUE} with strings in either kind of quotes, numbers, and lists in brackets over any
 * number of lines; {@code +=} appends; {@code #} comments. Values come out as String or as List of String.
 */
final class CfgFile {
    private final String file;
    private final String text;
    private int at;
    private int line = 1;
    private final Map<String, Object> values = new LinkedHashMap<>();

    private CfgFile(String file, String text) {
        this.file = file;
        this.text = text;
    }

    static Map<String, Object> parse(String file, String text) {
        CfgFile c = new CfgFile(file, text);
        for (c.skip(true); c.at < text.length(); c.skip(true)) {
            c.assignment();
        }
        return c.values;
    }

    private ToolstackException wrong(String what) { return new ToolstackException(file + ":" + line + ": " + what); }

    /** White space and comments; ends of lines and semicolons too when asked. */
    private void skip(boolean lines) {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '#') {
                while (at < text.length() && text.charAt(at) != '\n') {
                    at++;
                }
            } else if (c == ' ' || c == '\t' || c == '\r' || lines && (c == '\n' || c == ';')) {
                line += c == '\n' ? 1 : 0;
                at++;
            } else {
                return;
            }
        }
    }

    private void assignment() {
        int start = at;
        while (at < text.length() && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_')) {
            at++;
        }
        String key = text.substring(start, at);
        if (key.isEmpty() || Character.isDigit(key.charAt(0))) {
            throw wrong("a key is expected here, not '" + text.charAt(start) + "'");
        }
        skip(false);
        boolean append = text.startsWith("+=", at);
        if (!append && !text.startsWith("=", at)) {
            throw wrong("'=' is expected after " + key);
        }
        at += append ? 2 : 1;
        skip(false);
        Object value = value(key);
        values.merge(key, value, (old, now) -> append ? appended(key, old, now) : now);
        skip(false);
        if (at < text.length() && text.charAt(at) != '\n' && text.charAt(at) != ';') {
            throw wrong("the line goes on after the value of " + key);
        }
    }

    private Object appended(String key, Object old, Object now) {
        if (old instanceof String a && now instanceof String b) {
            return a + b;
        }
        if (old instanceof List<?> a && now instanceof List<?> b) {
            List<Object> all = new ArrayList<>(a);
            all.addAll(b);
            return all;
        }
        throw wrong(key + " += mixes a list and a single value");
    }

    private Object value(String key) {
        if (at < text.length() && text.charAt(at) == '[') {
            at++;
            return list(key);
        }
        return atom(key);
    }

    private List<String> list(String key) {
        List<String> result = new ArrayList<>();
        for (;;) {
            skip(true);
            if (at >= text.length()) {
                throw wrong("the list of " + key + " has no end ']'");
            }
            char c = text.charAt(at);
            if (c == ']') {
                at++;
                return result;
            }
            if (c == ',') {
                at++;
            } else {
                result.add(atom(key));
            }
        }
    }

    private String atom(String key) {
        char quote = at < text.length() ? text.charAt(at) : '\n';
        int start = at;
        if (quote == '"' || quote == '\'') {
            int end = text.indexOf(quote, ++start);
            int newline = text.indexOf('\n', start);
            if (end < 0 || newline >= 0 && newline < end) {
                throw wrong("the string of " + key + " has no end " + quote);
            }
            at = end + 1;
            return text.substring(start, end);
        }
        while (at < text.length() && " \t\r\n;,]#".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        String word = text.substring(start, at);
        if (!word.matches("-?[0-9]+|0x[0-9a-fA-F]+")) {
            throw wrong(key + " = " + (word.isEmpty() ? "nothing" : word) + ": a number, a quoted string or a list is expected");
        }
        return word.startsWith("0x") ? Long.toString(Long.parseLong(word.substring(2), 16)) : word;
    }
}
