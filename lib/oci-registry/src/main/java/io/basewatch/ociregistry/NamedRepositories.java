package io.basewatch.ociregistry;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The listing of a registry that does not list its repositories, or need not be asked: they are named. Whether they are there is not said. */
record NamedRepositories(List<String> names, Listing registry) implements Listing {

    NamedRepositories {
        names = List.copyOf(names);
    }

    @Override
    public Pages repositories() {
        return new Pages() {

            private final List<String> passedOver = new ArrayList<>();
            private boolean given;

            @Override
            public Optional<List<String>> next() {
                passedOver.clear();
                if (given) {
                    return Optional.empty();
                }
                given = true;
                for (String name : names) {
                    if (!Names.isRepository(name)) {
                        passedOver.add("'" + Printable.text(name) + "' (not a legal repository name)");
                    }
                }
                return Optional.of(names.stream().filter(Names::isRepository).toList());
            }

            @Override
            public List<String> passedOver() {
                return List.copyOf(passedOver);
            }
        };
    }

    @Override
    public Pages tags(String repository) {
        return registry.tags(repository);
    }
}
