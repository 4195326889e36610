package {= cookiecutter.__java_package =};

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.core.env.StandardEnvironment;

/** The program that runs the service. */
@SpringBootApplication
public class Application {

    /** Exit code of a configuration error (sysexits.h): a restart will not help. */
    private static final int EX_CONFIG = 78;

    public static void main(String[] arguments) {
        Settings settings;
        try {
            settings = Settings.from(new StandardEnvironment());
        } catch (Settings.Invalid error) {
            System.err.println(error.getMessage());
            System.exit(EX_CONFIG);
            return;
        }
        var application = new SpringApplication(Application.class);
        application.setDefaultProperties(settings.forSpring());
        application.addInitializers(context -> context.getBeanFactory().registerSingleton("settings", settings));
        application.run(arguments);
    }
}
