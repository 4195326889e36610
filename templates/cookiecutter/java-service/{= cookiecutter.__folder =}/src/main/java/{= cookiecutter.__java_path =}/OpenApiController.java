package {= cookiecutter.__java_package =};

import java.io.IOException;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.io.Resource;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The contract with clients, {@code openapi.json}, as of the version that runs. A test compares it with the routes. */
@RestController
class OpenApiController {

    private final JsonNode document;

    OpenApiController(
            JsonMapper json,
            @Value("classpath:openapi.json") Resource contract,
            @Value("${spring.application.version}") String version)
            throws IOException {
        this.document = json.readTree(contract.getContentAsByteArray());
        ((ObjectNode) document.path("info")).put("version", version);
    }

    @GetMapping("/openapi.json")
    JsonNode document() {
        return document;
    }
}
