package io.basewatch.standalone;

import io.basewatch.embeddedstore.EmbeddedStore;
import io.basewatch.fleetmodel.Counted;
import io.basewatch.fleetmodel.ModelJson;
import io.basewatch.fleetstore.AccessTokens;
import io.basewatch.fleetstore.AccessTokens.Token;
import io.basewatch.fleetstore.FleetStore;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import tools.jackson.databind.JsonNode;

/** {@code basewatch token}: who may ask a service that others can reach. */
@Command(
        name = "token",
        description = "Makes, lists and revokes tokens by which a service knows who asks.",
        subcommands = {TokenCommand.Create.class, TokenCommand.Listed.class, TokenCommand.Revoke.class})
final class TokenCommand implements Runnable {

    @Spec
    @Nullable
    CommandSpec spec;

    @Override
    public void run() {
        if (spec != null) {
            throw new ParameterException(spec.commandLine(), "say what: create, list or revoke");
        }
    }

    enum Role {
        READER,
        OPERATOR,
        SCRAPER;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** {@code token create}. */
    @Command(
            name = "create",
            description = "Makes a token and prints it, once: only its hash is kept.",
            footer = {"", "Exit code: 0 made, 1 refused or the store could not be reached, 64 wrong usage."})
    static final class Create implements Callable<Integer> {

        @Parameters(paramLabel = "NAME", description = "Whose it is: a person, a pipeline.")
        String name = "";

        @Option(
                names = "--role",
                required = true,
                paramLabel = "ROLE",
                description =
                        "reader asks; operator also decides, triggers and makes tokens; scraper reads meters and health alone.")
        Role role = Role.READER;

        @Option(
                names = "--expires",
                paramLabel = "DAYS",
                converter = Days.class,
                description = "After how many days it ends, as in 90d (default: never).")
        @Nullable
        Duration expires;

        @Mixin
        Where where = new Where();

        @Mixin
        OutputOptions output = new OutputOptions();

        @Override
        public Integer call() throws Exception {
            if (!name.matches(AccessTokens.NAME) || name.equals("local")) {
                throw where.wrong(
                        "'" + name + "' is no name for a token: letters, digits, '.', '_' and '-', not 'local'");
            }
            String secret = where.call(tokens -> tokens.create(name, role, expires));
            output.tell(
                    () -> ModelJson.write(Map.of("name", name, "role", role.toString(), "token", secret)),
                    terminal -> secret + "\n");
            System.err.println("basewatch: this is the token of '" + name + "' (" + role
                    + (expires == null ? "" : ", for " + Counted.of(expires.toDays(), "day", "days"))
                    + "); it is told only now");
            return Basewatch.OK;
        }
    }

    /** {@code token list}. */
    @Command(
            name = "list",
            description = "Who has a token; never what it is.",
            footer = {"", "Exit code: 0 told, 1 the store could not be reached, 64 wrong usage."})
    static final class Listed implements Callable<Integer> {

        @Mixin
        Where where = new Where();

        @Mixin
        OutputOptions output = new OutputOptions();

        @Override
        public Integer call() throws Exception {
            List<Token> all = where.call(Tokens::list);
            output.tell(() -> ModelJson.write(Map.of("items", all)), terminal -> text(all, terminal));
            return Basewatch.OK;
        }

        private static String text(List<Token> all, Terminal terminal) {
            TextTable table = new TextTable("NAME", "ROLE", "MADE", "BY", "EXPIRES");
            for (Token token : all) {
                table.row(
                        token.name(),
                        token.role(),
                        token.createdAt().toString().substring(0, 10),
                        token.createdBy(),
                        token.expiresAt() == null
                                ? "never"
                                : token.expiresAt().toString().substring(0, 10));
            }
            return table.shortened("BY").text(terminal) + "\n" + Counted.of(all.size(), "token", "tokens") + "\n";
        }
    }

    /** {@code token revoke}. */
    @Command(
            name = "revoke",
            description = "Whoever has this token is refused from now on.",
            footer = {"", "Exit code: 0 revoked, 1 there is none or the store could not be reached, 64 wrong usage."})
    static final class Revoke implements Callable<Integer> {

        @Parameters(paramLabel = "NAME", description = "As 'basewatch token list' has it.")
        String name = "";

        @Mixin
        Where where = new Where();

        @Override
        public Integer call() throws Exception {
            where.call(tokens -> {
                tokens.revoke(name);
                return name;
            });
            System.out.println(ReportText.printable("the token of '" + name + "' is revoked"));
            return Basewatch.OK;
        }
    }

    /** {@code 90d}. */
    static final class Days implements ITypeConverter<Duration> {

        @Override
        public Duration convert(String value) {
            return AccessTokens.lifetime(value)
                    .orElseThrow(() -> new TypeConversionException(
                            "'" + value + "' is no number of days: give 1d to " + AccessTokens.MAX_DAYS + "d"));
        }
    }

    /** What can be done, by whichever way. */
    private interface Tokens {

        String create(String name, Role role, @Nullable Duration lives) throws IOException, InterruptedException;

        List<Token> list() throws IOException, InterruptedException;

        void revoke(String name) throws IOException, InterruptedException;
    }

    /** What is done with them. */
    private interface Use<T> {
        T with(Tokens tokens) throws IOException, InterruptedException;
    }

    /** Whose tokens: those of the folder of {@code serve}, whether it runs or not, of the store of services that run alone, or of any service that an operator may ask. */
    static final class Where {

        @Option(
                names = "--data",
                paramLabel = "DIR",
                defaultValue = "data",
                description = "The folder of 'serve' on this machine, running or not (default: ./data).")
        Path data = Path.of("data");

        @Option(
                names = "--mongodb",
                paramLabel = "URI",
                description =
                        "Store of services that run alone: mongodb://…; better in the variable BASEWATCH_MONGODB_URI,"
                                + " which is taken where neither --server nor --data is given.")
        @Nullable
        String mongodb;

        @Mixin
        ServerOptions service = new ServerOptions();

        @Spec(Spec.Target.MIXEE)
        @Nullable
        CommandSpec spec;

        RuntimeException wrong(String message) {
            return service.wrong(new IllegalArgumentException(message));
        }

        private boolean isGiven(String option) {
            return spec != null
                    && spec.commandLine().getParseResult() != null
                    && spec.commandLine().getParseResult().hasMatchedOption(option);
        }

        <T> T call(Use<T> use) throws IOException, InterruptedException {
            if (isGiven("--server")) {
                return use.with(new OfService(service.client()));
            }
            String store = mongodb != null || isGiven("--data") ? mongodb : System.getenv("BASEWATCH_MONGODB_URI");
            return store == null || store.isBlank() ? inFolder(use) : inStore(store, use);
        }

        private static <T> T inStore(String uri, Use<T> use) throws IOException, InterruptedException {
            try (FleetStore store = FleetStore.connect(uri)) {
                return use.with(new OfStore(store));
            }
        }

        private <T> T inFolder(Use<T> use) throws IOException, InterruptedException {
            if (!Files.isDirectory(data)) {
                throw wrong("--data " + data + " is no folder of 'serve': give it, or --server, or --mongodb");
            }
            Optional<DataDirectory.Access> running = DataDirectory.access(data);
            DataDirectory folder;
            try {
                folder = DataDirectory.open(data);
            } catch (IOException e) {
                if (running.isEmpty()) {
                    throw e;
                }
                return use.with(new OfService(
                        new ServerClient(running.get().url(), running.get().token())));
            }
            try (folder;
                    EmbeddedStore store = EmbeddedStore.start(folder.store())) {
                return inStore(store.connectionString(), use);
            }
        }
    }

    private record OfService(ServerClient service) implements Tokens {

        @Override
        public String create(String name, Role role, @Nullable Duration lives)
                throws IOException, InterruptedException {
            Map<String, String> asked = new LinkedHashMap<>();
            asked.put("name", name);
            asked.put("role", role.toString());
            if (lives != null) {
                asked.put("expires", lives.toDays() + "d");
            }
            return service.post("/api/v1/tokens", asked).path("token").asString();
        }

        @Override
        public List<Token> list() throws IOException, InterruptedException {
            return service.get("/api/v1/tokens")
                    .path("items")
                    .valueStream()
                    .map(OfService::token)
                    .toList();
        }

        private static Token token(JsonNode token) {
            String expires = token.path("expiresAt").asString("");
            return new Token(
                    ReportText.printable(token.path("name").asString()),
                    ReportText.printable(token.path("role").asString()),
                    Instant.parse(token.path("createdAt").asString()),
                    expires.isEmpty() ? null : Instant.parse(expires),
                    ReportText.printable(token.path("createdBy").asString("")));
        }

        @Override
        public void revoke(String name) throws IOException, InterruptedException {
            service.delete("/api/v1/tokens/" + URLEncoder.encode(name, StandardCharsets.UTF_8));
        }
    }

    /** Whoever may write into the store may do everything. */
    private record OfStore(FleetStore store) implements Tokens {

        private static final String WHO = "local";
        private static final String AS = Role.OPERATOR.toString();

        @Override
        public String create(String name, Role role, @Nullable Duration lives) throws IOException {
            String secret = store.accessTokens()
                    .create(name, role.toString(), lives, WHO)
                    .orElseThrow(() -> new IOException(
                            "there is a token '" + name + "' already: revoke it first, or give another name"));
            store.auditLog()
                    .add(
                            WHO,
                            AS,
                            "token created",
                            name,
                            "role " + role + (lives == null ? "" : ", for " + lives.toDays() + "d"),
                            "done");
            return secret;
        }

        @Override
        public List<Token> list() {
            return store.accessTokens().list();
        }

        @Override
        public void revoke(String name) throws IOException {
            if (!store.accessTokens().revoke(name)) {
                throw new IOException("there is no token '" + name + "'");
            }
            store.auditLog().add(WHO, AS, "token revoked", name, "", "done");
        }
    }
}
