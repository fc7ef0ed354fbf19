using Carousel.Broker.Log;
using Carousel.Broker.Partitions;
using Carousel.Broker.Topics;

namespace Carousel.Broker.Tests.Topics;

public sealed class ClusterIdentityTests : CatalogTest
{
    private readonly PhysicalFileSystem _files = new();

    [Fact]
    public void The_file_is_written_as_Kafka_writes_it()
    {
        var identity = new ClusterIdentity("Y2Fyb3VzZWwtdGVzdC1jbA", "jtehVrtJHY4XzmO0ylFrpg");
        Assert.Equal("#\nnode.id=1\ndirectory.id=jtehVrtJHY4XzmO0ylFrpg\nversion=1\ncluster.id=Y2Fyb3VzZWwtdGVzdC1jbA\n", identity.ToText());

        // As Kafka 4.2 left it.
        Assert.Equal(identity, ClusterIdentity.Parse(
            "#\n#Wed Nov 25 12:39:47 UTC 2026\nnode.id=1\ndirectory.id=jtehVrtJHY4XzmO0ylFrpg\nversion=1\ncluster.id=Y2Fyb3VzZWwtdGVzdC1jbA\n", "f"));
    }

    [Fact]
    public void A_directory_keeps_its_identity()
    {
        ClusterIdentity first = ClusterIdentity.LoadOrCreate(_files, Directory);
        Assert.Equal(KafkaUuid.TextLength, first.ClusterId.Length);
        Assert.Equal(first, ClusterIdentity.LoadOrCreate(_files, Directory));
    }

    [Theory]
    [InlineData("", "is broken: it must have version=1")]
    [InlineData("version=2\nnode.id=1\ncluster.id=Y2Fyb3VzZWwtdGVzdC1jbA\ndirectory.id=jtehVrtJHY4XzmO0ylFrpg\n", "is broken: it must have version=1")]
    [InlineData("version=1\nnode.id=1\ncluster.id=short\ndirectory.id=jtehVrtJHY4XzmO0ylFrpg\n", "is broken: it must have version=1")]
    [InlineData("version=1\nnode.id=3\ncluster.id=Y2Fyb3VzZWwtdGVzdC1jbA\ndirectory.id=jtehVrtJHY4XzmO0ylFrpg\n", "belongs to node 3 of a cluster")]
    public void A_file_that_isnt_this_nodes_is_refused(string text, string reason)
    {
        File.WriteAllText(Path.Combine(Directory, "meta.properties"), text);
        Assert.Contains(reason, Assert.Throws<DataDirectoryException>(() => ClusterIdentity.LoadOrCreate(_files, Directory)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_any_size_is_refused_before_it_is_read()
    {
        using (FileStream file = File.Create(Path.Combine(Directory, "meta.properties")))
        {
            file.SetLength(1L << 33);
        }

        Assert.Contains("it has 8589934592 bytes", Assert.Throws<DataDirectoryException>(() => ClusterIdentity.LoadOrCreate(_files, Directory)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_of_something_else_is_refused_untouched()
    {
        ClusterIdentity.RefuseForeign(_files, Path.Combine(Directory, "missing"));
        ClusterIdentity.RefuseForeign(_files, Directory);
        File.WriteAllText(Path.Combine(Directory, "holiday.jpg"), "");
        Assert.Contains("it has holiday.jpg", Assert.Throws<DataDirectoryException>(() => ClusterIdentity.RefuseForeign(_files, Directory)).Message, StringComparison.Ordinal);
        Assert.Single(System.IO.Directory.GetFileSystemEntries(Directory));
    }

    [Fact]
    public void The_directory_of_an_Apache_Kafka_is_refused()
    {
        ClusterIdentity.LoadOrCreate(_files, Directory);
        ClusterIdentity.RefuseForeign(_files, Directory);
        System.IO.Directory.CreateDirectory(Path.Combine(Directory, "__cluster_metadata-0"));
        Assert.Contains("of an Apache Kafka", Assert.Throws<DataDirectoryException>(() => ClusterIdentity.RefuseForeign(_files, Directory)).Message, StringComparison.Ordinal);
    }
}
