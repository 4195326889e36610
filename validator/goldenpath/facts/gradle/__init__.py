"""What Gradle's build scripts say, read and never run."""
