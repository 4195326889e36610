package {= cookiecutter.__java_package =};

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.JsonNode;

@ServiceTest
class OpenApiTest {

    @Test
    void theContractNamesEveryRoute(
            @Autowired OpenApiController contract,
            @Autowired RequestMappingHandlerMapping requestMappingHandlerMapping) {
        var served = new TreeSet<String>();
        requestMappingHandlerMapping.getHandlerMethods().forEach((mapping, method) -> {
            if (method.getBeanType() != OpenApiController.class && method.getBeanType() != TestParts.Failing.class) {
                for (var path : mapping.getPatternValues()) {
                    mapping.getMethodsCondition().getMethods().forEach(verb -> served.add(verb + " " + path));
                }
            }
        });

        var promised = new TreeSet<String>();
        for (var path : contract.document().path("paths").properties()) {
            for (var operation : path.getValue().properties()) {
                if (operation.getValue().has("operationId")) {
                    promised.add(operation.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey());
                }
            }
        }

        assertThat(served).isEqualTo(promised);
    }

    @Test
    void theContractIsThatOfTheVersionThatRuns(@Autowired OpenApiController contract) {
        JsonNode info = contract.document().path("info");

        assertThat(info.path("title").asString()).isEqualTo("{= cookiecutter.name =}");
        assertThat(info.path("version").asString()).matches("\\d+\\.\\d+\\.\\d+.*");
    }
}
