using Carousel.Conformance.Tests.Processes;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace Carousel.Conformance.Tests.Processes;

/// <summary>Begins with the classes that start most processes: begun last, they would run alone while all else is done.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Long = [".Crashes.", ".JavaTools."];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderByDescending(collection => Long.Any(part => collection.TestCollectionDisplayName.Contains(part, StringComparison.Ordinal)))];
}
