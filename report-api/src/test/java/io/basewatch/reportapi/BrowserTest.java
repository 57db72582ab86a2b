package io.basewatch.reportapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.basewatch.fleetstore.AccessTokens;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** The pages in a real browser, where there is one: Debian's chromium and chromium-driver. */
class BrowserTest {

    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final Path DRIVER = Path.of("/usr/bin/chromedriver");

    @TempDir
    static Path folder;

    private static RunningApi api;
    private static ChromeDriver browser;
    private static String axe;

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(
                Files.isExecutable(CHROMIUM) && Files.isExecutable(DRIVER),
                "no " + CHROMIUM + " or no " + DRIVER + ": install Debian's chromium and chromium-driver");
        api = RunningApi.start(folder);
        new TestFleet(api.archive(), api.judgements()).fill();
        api.readFleet();
        api.metrics().refresh();
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        logs.enable(LogType.PERFORMANCE, Level.ALL);
        ChromeOptions options = new ChromeOptions();
        options.setBinary(CHROMIUM.toFile());
        options.addArguments("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage");
        options.setCapability("goog:loggingPrefs", logs);
        browser = new ChromeDriver(
                new ChromeDriverService.Builder()
                        .usingDriverExecutable(DRIVER.toFile())
                        .build(),
                options);
        try (InputStream script = BrowserTest.class.getResourceAsStream("/axe.min.js")) {
            axe = new String(script.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.quit();
        }
        if (api != null) {
            api.close();
        }
    }

    /** After whatever was done: nothing was refused by the policy, and no other host was asked. */
    @AfterEach
    void nothingWasRefusedAndNobodyElseWasAsked() {
        for (LogEntry entry : browser.manage().logs().get(LogType.BROWSER)) {
            assertThat(entry.getMessage())
                    .doesNotContain("Content Security Policy")
                    .doesNotContain("Uncaught");
        }
        for (LogEntry entry : browser.manage().logs().get(LogType.PERFORMANCE)) {
            String message = entry.getMessage();
            if (message.contains("Network.requestWillBeSent\"")) {
                String url = RunningApi.read(message)
                        .path("message")
                        .path("params")
                        .path("request")
                        .path("url")
                        .asString();
                assertThat(url).matches("(http://127\\.0\\.0\\.1:|data:|about:|chrome:).*");
            }
        }
    }

    private static void open(String path) {
        browser.get(api.url() + path);
    }

    private static List<String> paths() {
        String alpine = digest("repository=one.example:5000/team/alpine-app");
        String entry =
                api.json("/api/v1/backlog").path("items").path(0).path("id").asString();
        return List.of(
                "/",
                "/images",
                "/images/" + alpine,
                "/images/" + digest("status=unscannable"),
                "/backlog",
                "/backlog/" + entry,
                "/bases",
                "/caveats",
                "/caveats/elf-glibc-interpreter-missing",
                "/repositories",
                "/search?q=team",
                "/nothing");
    }

    private static String digest(String query) {
        return api.json("/api/v1/images?" + query)
                .path("items")
                .path(0)
                .path("digest")
                .asString();
    }

    @Test
    void noPageHasAnAccessibilityFaultInLightOrInDark() {
        for (String scheme : List.of("light", "dark")) {
            browser.executeCdpCommand(
                    "Emulation.setEmulatedMedia",
                    Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
            for (String path : paths()) {
                open(path);
                browser.executeScript(axe);
                Object faults = browser.executeAsyncScript(
                        "const done = arguments[0]; axe.run(document, { resultTypes: ['violations']" + only(scheme)
                                + " }).then(found =>"
                                + " done(found.violations.map(each => each.id + ': ' + each.nodes.map(node =>"
                                + " node.html.slice(0, 160) + ' ' + node.failureSummary).slice(0, 3).join(' | '))));");

                assertThat((List<?>) faults).as(path + " in " + scheme).isEmpty();
            }
        }
    }

    /** What a page is made of is the same in both. */
    private static String only(String scheme) {
        return scheme.equals("dark") ? ", runOnly: ['color-contrast']" : "";
    }

    @Test
    void noPageScrollsSidewaysFromTheNarrowestToTheWidestScreen() {
        for (int width : new int[] {360, 768, 2560}) {
            browser.executeCdpCommand(
                    "Emulation.setDeviceMetricsOverride",
                    Map.of("width", width, "height", 900, "deviceScaleFactor", 1, "mobile", false));
            for (String path : paths()) {
                open(path);
                long wide = (Long) browser.executeScript("return document.documentElement.scrollWidth");

                assertThat(wide).as(path + " at " + width).isLessThanOrEqualTo(width);
            }
        }
        browser.executeCdpCommand("Emulation.clearDeviceMetricsOverride", Map.of());
    }

    @Test
    void onATelephoneTheWholeBacklogIsReadWithoutMovingItSideways() {
        browser.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", 360, "height", 800, "deviceScaleFactor", 1, "mobile", false));
        for (String path : List.of("/", "/backlog")) {
            open(path);
            Object beyond = browser.executeScript("const box = document.querySelector('.entries').parentElement;"
                    + " const right = box.getBoundingClientRect().right + 1;"
                    + " return [...box.querySelectorAll('tbody :is(th, td, a, .badge)')]"
                    + ".filter(each => each.getBoundingClientRect().right > right).map(each => each.outerHTML)");

            assertThat((List<?>) beyond).as(path).isEmpty();
            assertThat(browser.findElement(By.cssSelector(".entries tbody tr")).getText())
                    .as(path)
                    .contains("past support");
        }
        browser.findElement(By.linkText("Effort")).click();
        assertThat(browser.getCurrentUrl()).contains("sort=effort");
        browser.executeCdpCommand("Emulation.clearDeviceMetricsOverride", Map.of());
    }

    @Test
    void searchAnswersWhileItIsTypedAndByKeysAlone() {
        open("/");
        browser.switchTo().activeElement().sendKeys("/");
        browser.switchTo().activeElement().sendKeys("team/deb");
        await().atMost(RunningApi.PATIENCE)
                .until(() -> browser.findElements(By.cssSelector("#found:not([hidden]) a"))
                                .size()
                        >= 3);
        browser.switchTo().activeElement().sendKeys(Keys.ARROW_DOWN);
        browser.switchTo().activeElement().sendKeys(Keys.ENTER);

        await().atMost(RunningApi.PATIENCE).until(() -> browser.getCurrentUrl().contains("/images/sha256:"));
        assertThat(browser.findElement(By.tagName("h1")).getText()).contains("team/debian");
    }

    @Test
    void theFirstKeyLeadsPastTheMenuToTheContent() {
        open("/backlog");
        browser.findElement(By.tagName("body")).sendKeys(Keys.TAB);
        WebElement first = browser.switchTo().activeElement();
        assertThat(first.getText()).isEqualTo("Skip to the content");
        first.sendKeys(Keys.ENTER);

        assertThat(browser.switchTo().activeElement().getAttribute("id")).isEqualTo("main");
    }

    @Test
    void fromTheOverviewOneComesToTheBacklogThePlanAndTheImage() {
        open("/");
        browser.findElement(By.linkText("Whole backlog")).click();
        browser.findElement(By.cssSelector("tbody th a")).click();
        assertThat(browser.findElement(By.tagName("h1")).getText()).startsWith("Move ");
        browser.findElement(By.linkText("newest image")).click();

        assertThat(browser.findElement(By.tagName("main")).getText()).contains("What breaks here", "Layers");
    }

    @Test
    void aColumnsHeadingSortsTheWholeBacklog() {
        open("/backlog");
        browser.findElement(By.linkText("Effort")).click();
        List<Double> efforts = new ArrayList<>();
        for (WebElement cell : browser.findElements(By.cssSelector("tbody td:nth-last-child(2)"))) {
            efforts.add(Double.parseDouble(cell.getText()));
        }

        assertThat(efforts).hasSizeGreaterThan(2).isSorted();
        assertThat(browser.getCurrentUrl()).contains("sort=effort");
    }

    @Test
    void aColumnsHeadingSortsTheRows() {
        open("/repositories");
        WebElement tags = browser.findElement(By.xpath("//thead//button[.='Tags']"));
        tags.click();
        tags.click();
        List<Integer> counts = new ArrayList<>();
        for (WebElement cell : browser.findElements(By.cssSelector("tbody td:nth-child(3)"))) {
            counts.add(Integer.parseInt(cell.getText()));
        }

        assertThat(counts).hasSizeGreaterThan(2).isSorted();
    }

    @Test
    void lightAndDarkAreChosenAndKept() {
        open("/");
        String before = background();
        browser.findElement(By.id("theme")).click();
        String chosen = background();
        open("/caveats");

        assertThat(chosen).isNotEqualTo(before);
        assertThat(background()).isEqualTo(chosen);
        browser.executeScript("localStorage.clear()");
    }

    private static String background() {
        return String.valueOf(browser.executeScript("return getComputedStyle(document.body).backgroundColor"));
    }

    @Test
    void withoutHistoryTheTrendSaysSo() {
        open("/");
        await().atMost(RunningApi.PATIENCE)
                .until(() -> browser.findElements(By.cssSelector("[data-trend] p, [data-trend] canvas")).stream()
                        .noneMatch(each -> each.getText().contains("drawn by a script")));
    }

    @Test
    void whoseSessionEndedWhileAPageWasOpenIsToldSoAndComesBackToWhatWasAskedFor() throws IOException {
        try (RunningApi guarded = RunningApi.start(folder.resolve("guarded"), "--server.address=0.0.0.0")) {
            AccessTokens tokens = guarded.part(AccessTokens.class);
            String lasting = tokens.create("lasting", "reader", null, "test").orElseThrow();

            browser.get(guarded.url() + "/caveats?found=false");
            String brief = tokens.create("brief", "reader", null, "test").orElseThrow();
            signIn(brief);
            assertThat(browser.getCurrentUrl()).isEqualTo(guarded.url() + "/caveats?found=false");

            tokens.revoke("brief");
            WebElement search = browser.findElement(By.id("q"));
            await().atMost(RunningApi.PATIENCE)
                    .pollInterval(Duration.ofSeconds(1))
                    .until(() -> {
                        boolean isTold =
                                browser.findElement(By.id("found")).getText().contains("You are signed out");
                        if (!isTold) {
                            search.clear();
                            search.sendKeys("team");
                        }
                        return isTold;
                    });
            search.sendKeys(Keys.ESCAPE);
            browser.findElement(By.linkText("Backlog")).click();
            assertThat(browser.getCurrentUrl()).contains("/sign-in?next=");
            signIn("bw_nobody");
            assertThat(browser.findElement(By.tagName("body")).getText()).contains("unknown, expired or revoked");
            signIn(brief);
            assertThat(browser.findElement(By.tagName("body")).getText()).contains("unknown, expired or revoked");
            signIn(lasting);
            assertThat(browser.getCurrentUrl()).isEqualTo(guarded.url() + "/backlog");

            browser.findElement(By.cssSelector("form[action$='/sign-out'] button"))
                    .click();
            browser.navigate().back();
            await().atMost(RunningApi.PATIENCE)
                    .until(() -> browser.getCurrentUrl().contains("/sign-in"));
            assertThat(browser.findElements(By.cssSelector("form[action$='/sign-out']")))
                    .isEmpty();
        }
    }

    private static void signIn(String token) {
        WebElement form = browser.findElement(By.name("token"));
        form.sendKeys(token, Keys.ENTER);
        await().atMost(RunningApi.PATIENCE).until(() -> isGone(form));
        await().atMost(RunningApi.PATIENCE)
                .until(() -> String.valueOf(browser.executeScript("return document.readyState"))
                        .equals("complete"));
    }

    private static boolean isGone(WebElement element) {
        try {
            element.isEnabled();
            return false;
        } catch (StaleElementReferenceException e) {
            return true;
        }
    }
}
