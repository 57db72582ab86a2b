package io.basewatch.reportapi.web;

import org.springframework.web.util.HtmlUtils;

/** A page that says what is wrong and what to do, where nothing is there yet that could make one of the fleet. */
public final class PlainPage {

    /** What a browser may do with it. */
    public static final String POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
            + " frame-ancestors 'none'; base-uri 'none'";

    private PlainPage() {}

    /**
     * The whole document.
     *
     * @param title one line
     * @param detail what is wrong; with neither of both anything is markup
     * @param advice what to do
     */
    public static String of(int status, String title, String detail, String advice) {
        return """
                <!doctype html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <meta name="color-scheme" content="light dark">
                <title>%2$s · Basewatch</title>
                <link rel="icon" type="image/svg+xml" href="/assets/basewatch.svg">
                <link rel="stylesheet" href="/assets/basewatch.css">
                </head>
                <body class="plain">
                <main>
                <p class="eyebrow">%1$d</p>
                <h1>%2$s</h1>
                <p class="lead">%3$s</p>
                <p>%4$s</p>
                <p><a class="button" href="/">Overview</a></p>
                </main>
                </body>
                </html>
                """.formatted(
                status, HtmlUtils.htmlEscape(title), HtmlUtils.htmlEscape(detail), HtmlUtils.htmlEscape(advice));
    }
}
