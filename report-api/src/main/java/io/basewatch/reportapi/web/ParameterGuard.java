package io.basewatch.reportapi.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.springframework.core.MethodParameter;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** A filter that is misspelt or given twice would be left out in silence, and the answer be another question's: so it is refused. */
@Component
class ParameterGuard implements HandlerInterceptor, WebMvcConfigurer {

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(this)
                .addPathPatterns(
                        "/api/v1/**",
                        "/",
                        "/images/**",
                        "/backlog/**",
                        "/bases/**",
                        "/caveats/**",
                        "/repositories/**",
                        "/search");
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        if (handler instanceof HandlerMethod method && !request.getMethod().equals("OPTIONS")) {
            Set<String> many = Arrays.stream(method.getMethodParameters())
                    .filter(parameter -> parameter.getParameterType() == List.class)
                    .map(ParameterGuard::name)
                    .collect(Collectors.toSet());
            TreeSet<String> known = Arrays.stream(method.getMethodParameters())
                    .filter(parameter -> parameter.hasParameterAnnotation(RequestParam.class))
                    .map(ParameterGuard::name)
                    .collect(Collectors.toCollection(TreeSet::new));
            for (Map.Entry<String, String[]> parameter :
                    request.getParameterMap().entrySet()) {
                String value = String.join(",", parameter.getValue());
                if (!known.contains(parameter.getKey())) {
                    throw new BadParameterException(
                            parameter.getKey(),
                            value,
                            known.isEmpty() ? "no parameters here" : "only " + String.join(", ", known));
                }
                if (parameter.getValue().length > 1 && !many.contains(parameter.getKey())) {
                    throw new BadParameterException(parameter.getKey(), value, "it once");
                }
            }
        }
        return true;
    }

    private static String name(MethodParameter parameter) {
        RequestParam annotation = parameter.getParameterAnnotation(RequestParam.class);
        if (annotation != null && !annotation.name().isEmpty()) {
            return annotation.name();
        }
        return String.valueOf(parameter.getParameter().getName());
    }
}
