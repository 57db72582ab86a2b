package io.basewatch.settings;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginLookup;
import org.springframework.boot.origin.TextResourceOrigin;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;

/** Holds what is set against the {@link Schema}. */
public final class SettingsCheck {

    private static final String PREFIX = "basewatch";

    /** The whole environment is asked by others too. */
    private static final Set<String> FOREIGN = Set.of(
            StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
            StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME);

    /** Of the command, the script and the containers; and what Kubernetes says of services that are called so. */
    private static final Pattern NO_SETTING =
            Pattern.compile("BASEWATCH_(JAVA_OPTS|TOKEN|PASSWORD|.*SERVICE_(HOST|PORT).*|.*PORT_[0-9]+_(TCP|UDP).*)");

    private SettingsCheck() {}

    /**
     * Names under {@code basewatch.} that are no settings, and names that are meant to be under it, wherever they are set but in the process' environment.
     *
     * @return in the order in which they are written
     */
    public static List<Problem> names(ConfigurableEnvironment environment) {
        List<Problem> problems = new ArrayList<>();
        for (PropertySource<?> source : environment.getPropertySources()) {
            if (!FOREIGN.contains(source.getName()) && source instanceof EnumerablePropertySource<?> all) {
                for (String name : all.getPropertyNames()) {
                    Problem problem = ofName(all, name);
                    if (problem != null) {
                        problems.add(problem);
                    }
                }
            }
        }
        return problems;
    }

    /**
     * The same, and values that cannot be: all that is wrong with single settings.
     */
    public static List<Problem> all(ConfigurableEnvironment environment, EnumerablePropertySource<?> source) {
        List<Problem> problems = new ArrayList<>();
        for (String name : source.getPropertyNames()) {
            Problem problem = ofName(source, name);
            if (problem == null) {
                problem = ofValue(environment, source, name);
            }
            if (problem != null) {
                problems.add(problem);
            }
        }
        return problems;
    }

    private static @Nullable Problem ofName(EnumerablePropertySource<?> source, String name) {
        ConfigurationPropertyName key = ConfigurationPropertyName.adapt(name, '.');
        if (key.isEmpty()) {
            return null;
        }
        String first = key.getElement(0, ConfigurationPropertyName.Form.UNIFORM);
        if (!first.equals(PREFIX)) {
            return Schema.nearest(first, List.of(PREFIX)) == null
                    ? null
                    : new Problem(name, place(source, name), "is no setting: did you mean " + PREFIX + "?");
        }
        String trouble = Schema.bundled().find(key).trouble();
        return trouble == null ? null : new Problem(name, place(source, name), trouble);
    }

    private static @Nullable Problem ofValue(
            ConfigurableEnvironment environment, EnumerablePropertySource<?> source, String name) {
        ConfigurationPropertyName key = ConfigurationPropertyName.adapt(name, '.');
        Rule rule = key.isEmpty()
                        || !key.getElement(0, ConfigurationPropertyName.Form.UNIFORM)
                                .equals(PREFIX)
                ? null
                : Schema.bundled().find(key).rule();
        if (rule == null) {
            return null;
        }
        String value;
        try {
            value = environment.resolveRequiredPlaceholders(String.valueOf(source.getProperty(name)));
        } catch (IllegalArgumentException e) {
            return new Problem(
                    name,
                    place(source, name),
                    "names something in ${} that this process' environment does not have; set it, or give a default: ${NAME:default}");
        }
        String trouble = rule.trouble(value);
        return trouble == null ? null : new Problem(name, place(source, name), trouble);
    }

    /**
     * Variables of the process' environment that look like settings and are none. They may be somebody else's, so nothing is refused for them.
     */
    public static List<Problem> variables(Set<String> names) {
        Pattern settings = Pattern.compile(String.join(
                "|",
                Schema.bundled().names().stream().map(SettingsCheck::variable).toList()));
        return names.stream()
                .filter(name -> name.startsWith("BASEWATCH_"))
                .filter(name -> !NO_SETTING.matcher(name).matches())
                .filter(name -> !settings.matcher(name).matches())
                .sorted()
                .map(name -> new Problem(name, null, "is no setting, and nothing comes of it"))
                .toList();
    }

    /** {@code basewatch.registries[].token-services} as {@code BASEWATCH_REGISTRIES_0_TOKENSERVICES} or {@code …_TOKEN_SERVICES_1}. */
    private static String variable(String name) {
        return name.toUpperCase(Locale.ROOT)
                        .replace("[]", "_[0-9]+")
                        .replace("-", "_?")
                        .replace(".*", "_.+")
                        .replaceAll("\\.(?!\\+)", "_")
                + "(_[0-9]+)?";
    }

    /** {@code FILE:LINE}, where it is known. */
    public static @Nullable String place(PropertySource<?> source, String name) {
        Origin origin = OriginLookup.getOrigin(source, name);
        if (origin instanceof TextResourceOrigin text && text.getResource() != null) {
            String file = text.getResource().getFilename();
            return text.getLocation() == null
                    ? file
                    : file + ":" + (text.getLocation().getLine() + 1);
        }
        return null;
    }
}
