package io.basewatch.standalone;

import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;

/** The command line's door. */
@Command(
        name = "basewatch",
        description = "Tells what every image of a registry stands on, and what to move first.",
        mixinStandardHelpOptions = true,
        versionProvider = Basewatch.Version.class,
        scope = CommandLine.ScopeType.INHERIT)
public final class Basewatch {

    /** Everything went well. */
    static final int OK = 0;

    /** Something could not be done: said on stderr. */
    static final int FAILED = 1;

    /** What the caller asked to fail on was found. */
    static final int FOUND = 2;

    /** The command line is wrong (EX_USAGE of sysexits.h): never confused with {@link #FOUND}. */
    static final int USAGE = 64;

    /** What logs as services do; all others speak to who called them. */
    private static final List<String> SERVICES = List.of("serve", "demo", "replay-dead");

    private Basewatch() {}

    public static void main(String[] args) {
        if (args.length > 0 && !SERVICES.contains(args[0])) {
            TerseLogging.use();
        }
        if (args.length > 1 && args[0].equals("inspect")) {
            Ahead.begin();
        }
        System.exit(run(args));
    }

    static int run(String... args) {
        Optional<InspectCommand> inspect = PlainArguments.inspect(args);
        return inspect.isPresent() ? run(inspect.get()) : parsed(args);
    }

    private static int run(InspectCommand inspect) {
        try {
            return inspect.call();
        } catch (Exception e) {
            System.err.println("basewatch: " + FailureText.of(e));
            return FAILED;
        }
    }

    private static int parsed(String... args) {
        return commands(args)
                .setUsageHelpWidth(helpWidth())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((e, arguments) -> {
                    e.getCommandLine().getErr().println("basewatch: " + UsageText.of(e));
                    return USAGE;
                })
                .setExecutionExceptionHandler((e, commandLine, parsed) -> {
                    if (e instanceof ParameterException) {
                        throw e;
                    }
                    commandLine.getErr().println("basewatch: " + FailureText.of(e));
                    return FAILED;
                })
                .execute(args);
    }

    /** As wide as a terminal that is looked at, where lines are still read easily. */
    private static int helpWidth() {
        Terminal out = Terminal.ofOut(Terminal.Colors.AUTO);
        return out.isWatched() ? Math.max(60, Math.min(120, out.width())) : 80;
    }

    /** All commands, or only the one that is called: reading what a command takes is a good part of a short run. */
    private static CommandLine commands(String... args) {
        CommandLine root = new CommandLine(new Basewatch());
        if (args.length > 0 && args[0].equals("inspect")) {
            return root.addSubcommand(new InspectCommand());
        }
        return root.addSubcommand(new ServeCommand())
                .addSubcommand(new DemoCommand())
                .addSubcommand(new InspectCommand())
                .addSubcommand(new WhatIfCommand())
                .addSubcommand(new DescribeCommand())
                .addSubcommand(new LifecycleCommand())
                .addSubcommand(new BacklogCommand())
                .addSubcommand(new WaiverCommand())
                .addSubcommand(new ConfigCommand())
                .addSubcommand(new RegistriesCommand())
                .addSubcommand(new HorizonCommand())
                .addSubcommand(new LineageCommand())
                .addSubcommand(new TokenCommand())
                .addSubcommand(new ReplayDeadCommand())
                .addSubcommand(new CompletionCommand())
                .addSubcommand(new ManCommand())
                .addSubcommand(new RehearseCommand())
                .addSubcommand(new LambdasCommand());
    }

    /** The version of the jar this class comes from. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"basewatch " + text()};
        }

        static String text() {
            String version = Basewatch.class.getPackage().getImplementationVersion();
            return version == null ? "(not from a jar)" : version;
        }
    }
}
