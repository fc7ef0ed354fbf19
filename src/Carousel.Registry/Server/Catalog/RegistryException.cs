namespace Carousel.Registry.Server.Catalog;

/// <summary>An answer other than success, with Confluent's error code (api.html of their Schema Registry, "Errors").</summary>
internal sealed class RegistryException(int status, int code, string message) : Exception(message)
{
    public int Status => status;

    public int Code => code;

    public static RegistryException SubjectNotFound(string subject)
    {
        return new(404, 40401, $"Subject '{subject}' not found.");
    }

    public static RegistryException VersionNotFound(string subject, string version)
    {
        return new(404, 40402, $"Version {version} of subject '{subject}' not found.");
    }

    public static RegistryException SchemaNotFound(string what)
    {
        return new(404, 40403, $"Schema {what} not found.");
    }

    public static RegistryException SubjectSoftDeleted(string subject)
    {
        return new(404, 40404, $"Subject '{subject}' is soft-deleted already; delete it with permanent=true to remove it for good.");
    }

    public static RegistryException SubjectNotSoftDeleted(string subject)
    {
        return new(404, 40405, $"Subject '{subject}' isn't soft-deleted; delete it without permanent=true first.");
    }

    public static RegistryException VersionSoftDeleted(string subject, int version)
    {
        return new(404, 40406, $"Version {version} of subject '{subject}' is soft-deleted already; delete it with permanent=true to remove it for good.");
    }

    public static RegistryException VersionNotSoftDeleted(string subject, int version)
    {
        return new(404, 40407, $"Version {version} of subject '{subject}' isn't soft-deleted; delete it without permanent=true first.");
    }

    public static RegistryException NoConfig(string subject)
    {
        return new(404, 40408, $"Subject '{subject}' has no compatibility level of its own; ask with defaultToGlobal=true for the one in force.");
    }

    public static RegistryException NoMode(string subject)
    {
        return new(404, 40409, $"Subject '{subject}' has no mode of its own; ask with defaultToGlobal=true for the one in force.");
    }

    public static RegistryException Incompatible(string subject, string level, IReadOnlyList<string> violations)
    {
        return new(409, 409, $"The schema isn't compatible with what subject '{subject}' holds (level {level}): {string.Join(" | ", violations)}");
    }

    public static RegistryException InvalidSchema(string message)
    {
        return new(422, 42201, message);
    }

    public static RegistryException InvalidVersion(string version)
    {
        return new(422, 42202, $"'{version}' isn't a version: give a number from 1 to 2147483647, or \"latest\".");
    }

    public static RegistryException InvalidLevel(string? level)
    {
        return new(422, 42203, $"'{level}' isn't a compatibility level: give one of {Compatibility.CompatibilityLevels.AllNames}.");
    }

    public static RegistryException InvalidMode(string? mode)
    {
        return new(422, 42204, $"'{mode}' isn't a mode: give one of {RegistryModes.AllNames}.");
    }

    public static RegistryException NotPermitted(string message)
    {
        return new(422, 42205, message);
    }

    public static RegistryException Referenced(string message)
    {
        return new(422, 42206, message);
    }

    public static RegistryException IdTaken(string message)
    {
        return new(422, 42207, message);
    }

    public static RegistryException InvalidSubject(string message)
    {
        return new(422, 42208, message);
    }
}
