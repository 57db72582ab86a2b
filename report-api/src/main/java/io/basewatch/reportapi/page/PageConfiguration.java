package io.basewatch.reportapi.page;

import java.time.Duration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.web.filter.UrlHandlerFilter;
import org.springframework.web.servlet.config.annotation.ResourceHandlerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.resource.VersionResourceResolver;

/** Styles, scripts and pictures: their names hold what is in them, so that a browser asks for each but once. */
@Configuration(proxyBeanMethods = false)
class PageConfiguration implements WebMvcConfigurer {

    @Override
    public void addResourceHandlers(ResourceHandlerRegistry registry) {
        registry.addResourceHandler(AssetNames.PLACE + "**")
                .addResourceLocations("classpath:/page/assets/", "classpath:/META-INF/resources/webjars/chart.js/")
                .setCacheControl(
                        CacheControl.maxAge(Duration.ofDays(365)).cachePublic().immutable())
                .resourceChain(true)
                .addResolver(new VersionResourceResolver().addContentVersionStrategy("/**"));
    }

    /** An address that somebody ended with a slash is that of the page without it. */
    @Bean
    UrlHandlerFilter withoutSlash() {
        return UrlHandlerFilter.trailingSlashHandler(
                        "/backlog/**", "/bases/**", "/caveats/**", "/images/**", "/repositories/**", "/search/")
                .redirect(HttpStatus.PERMANENT_REDIRECT)
                .build();
    }

    /** Links in pages are written with those names. */
    @Bean
    AssetNames assetNames() {
        return new AssetNames();
    }
}
