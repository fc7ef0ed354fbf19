using System.Collections;
using System.CommandLine;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Carousel.Cli.Configuration;

/// <summary>Reads the settings from file, environment and flags, and refuses what is out of range before anything starts.</summary>
internal static class SettingsLoader
{
    private const string Section = "Carousel";
    private const string EnvironmentPrefix = "CAROUSEL_";

    /// <exception cref="UsageException">A value can't be read or is out of range; the message names it.</exception>
    public static CarouselSettings Load(ParseResult flags)
    {
        var settings = new CarouselSettings();
        try
        {
            Build(flags).GetSection(Section).Bind(settings, binder => binder.ErrorOnUnknownConfiguration = true);
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or InvalidDataException)
        {
            throw new UsageException($"The configuration can't be read: {Innermost(e).Message} Check appsettings.json, {EnvironmentPrefix}* and the flags.");
        }

        Validate(settings, Section);
        settings.RegistryServer.Kafka = settings.Kafka;
        settings.Gateway.TopicPrefix = settings.TopicPrefix;
        settings.Gateway.Partitioning = settings.Partitioning;
        return settings;
    }

    /// <exception cref="UsageException">No broker was named.</exception>
    public static void RequireKafka(CarouselSettings settings)
    {
        if (settings.Kafka.BootstrapServers.Length == 0)
        {
            throw new UsageException("No broker is named: give --kafka HOST:PORT of an Apache Kafka, or of a 'carousel broker'.");
        }
    }

    private static IConfigurationRoot Build(ParseResult flags)
    {
        var given = new Dictionary<string, string?>();
        foreach (SettingOption option in flags.CommandResult.Command.Options.OfType<SettingOption>())
        {
            if (flags.GetValue(option) is { } value)
            {
                given[$"{Section}:{option.Key}"] = option.Read(value);
            }
        }

        return new ConfigurationBuilder()
            .SetBasePath(Directory.GetCurrentDirectory())
            .AddJsonFile("appsettings.json", optional: true)
            .AddInMemoryCollection(FromEnvironment())
            .AddInMemoryCollection(given)
            .Build();
    }

    /// <summary>
    /// Variables with a section or an equal name only, so that what else starts with the prefix doesn't count as an unknown setting.
    /// </summary>
    private static IEnumerable<KeyValuePair<string, string?>> FromEnvironment()
    {
        HashSet<string> known = [.. typeof(CarouselSettings).GetProperties().Where(property => property.CanWrite).Select(property => property.Name)];
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            var name = (string)variable.Key;
            if (name.StartsWith(EnvironmentPrefix, StringComparison.Ordinal))
            {
                string key = name[EnvironmentPrefix.Length..].Replace("__", ":", StringComparison.Ordinal);
                if (known.Contains(key.Split(':')[0]))
                {
                    yield return new($"{Section}:{key}", (string?)variable.Value);
                }
            }
        }
    }

    /// <summary>Data annotations of the settings and of every section below.</summary>
    private static void Validate(object settings, string path)
    {
        var results = new List<ValidationResult>();

        // Kafka's address is asked for by the commands that need it.
        if (!Validator.TryValidateObject(settings, new ValidationContext(settings), results, validateAllProperties: true)
            && results.Find(result => !result.MemberNames.Contains("BootstrapServers")) is { } first)
        {
            throw new UsageException($"The configuration {path}:{string.Join(", ", first.MemberNames)} is wrong: {first.ErrorMessage}");
        }

        foreach (PropertyInfo property in settings.GetType().GetProperties().Where(property => property.CanWrite))
        {
            if (property.PropertyType.Namespace?.StartsWith("Carousel", StringComparison.Ordinal) == true
                && property.PropertyType.IsClass
                && property.GetValue(settings) is { } section)
            {
                Validate(section, $"{path}:{property.Name}");
            }
        }
    }

    private static Exception Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e;
}
