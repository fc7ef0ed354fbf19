using System.Xml.Linq;

namespace Carousel.Architecture.Tests;

/// <summary>Who may know whom. A reference that isn't listed here breaks the build, so that a boundary is never crossed by accident.</summary>
public sealed class ProjectReferenceTests
{
    private static readonly string Root = FindRoot();

    /// <summary>Project → projects and packages that it may reference, no more and no fewer.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Carousel.Wire"] = [],
        ["Carousel.Broker"] = ["Carousel.Wire"],
        ["Carousel.Orders"] = ["Apache.Avro"],
        ["Carousel.Kafka"] = ["Confluent.Kafka"],
        ["Carousel.Stages"] = ["Carousel.Kafka", "System.IO.Hashing"],
        ["Carousel.Registry"] = ["Carousel.Kafka", "Carousel.Orders"],
        ["Carousel.Gateway"] = ["Carousel.Kafka", "Carousel.Orders", "Microsoft.AspNetCore.OpenApi"],
        ["Carousel.Validation"] = ["Carousel.Orders", "Carousel.Stages", "Dapper", "Microsoft.Data.Sqlite", "dbup-sqlite"],
        ["Carousel.Fulfillment"] = ["Carousel.Orders", "Carousel.Stages"],
        ["Carousel.PaymentSimulator"] = [],
        ["Carousel.Monitor"] = ["Carousel.Kafka", "Carousel.Orders"],
    };

    public static TheoryData<string> Projects => [.. Directory.GetDirectories(Path.Combine(Root, "src")).Select(path => Path.GetFileName(path)!)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_what_its_boundary_allows_and_nothing_else(string project)
    {
        string[] references = References(project);
        if (project == "Carousel.Cli")
        {
            // Only the command composes: it alone may see every service.
            Assert.Subset(Allowed.Keys.ToHashSet(), references.Where(name => name.StartsWith("Carousel.", StringComparison.Ordinal)).ToHashSet());
            return;
        }

        Assert.True(Allowed.ContainsKey(project), $"{project} is new: say in this test what it may reference.");
        Assert.Equal(Allowed[project].Order(StringComparer.Ordinal), references.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Services_know_nothing_of_each_other()
    {
        string[] services = ["Carousel.Registry", "Carousel.Gateway", "Carousel.Validation", "Carousel.Fulfillment", "Carousel.PaymentSimulator", "Carousel.Monitor"];
        foreach (string service in services)
        {
            Assert.Empty(References(service).Intersect(services));
        }
    }

    [Fact]
    public void The_stage_engine_knows_no_orders() => Assert.DoesNotContain("Carousel.Orders", References("Carousel.Stages"));

    [Fact]
    public void Every_package_version_is_central()
    {
        IEnumerable<string> versions = Directory.EnumerateFiles(Root, "*.csproj", SearchOption.AllDirectories)
            .Where(path => !path.Contains("/artifacts/", StringComparison.Ordinal))
            .SelectMany(path => XDocument.Load(path).Descendants("PackageReference").Where(package => package.Attribute("Version") is not null).Select(_ => path));
        Assert.Empty(versions);
    }

    private static string[] References(string project)
    {
        XDocument file = XDocument.Load(Path.Combine(Root, "src", project, project + ".csproj"));
        return
        [
            .. file.Descendants("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value)),
            .. file.Descendants("PackageReference").Select(reference => reference.Attribute("Include")!.Value),
        ];
    }

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Carousel.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests don't run below a checkout of Carousel.");
    }
}
