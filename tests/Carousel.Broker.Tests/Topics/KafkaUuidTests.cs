using Carousel.Broker.Topics;

namespace Carousel.Broker.Tests.Topics;

public sealed class KafkaUuidTests
{
    [Fact]
    public void An_id_is_written_as_Kafka_writes_it()
    {
        // What Kafka 4.2 wrote into partition.metadata, and its tools showed in hexadecimal.
        Guid id = new("0b34c452-a044-41e8-99ae-aee4365e1ebc");
        Assert.Equal("CzTEUqBEQeiZrq7kNl4evA", KafkaUuid.ToText(id));
        Assert.True(KafkaUuid.TryParse("CzTEUqBEQeiZrq7kNl4evA", out Guid parsed));
        Assert.Equal(id, parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("CzTEUqBEQeiZrq7kNl4ev")]
    [InlineData("CzTEUqBEQeiZrq7kNl4evAA")]
    [InlineData("CzTEUqBEQeiZrq7kNl4e+A")]
    [InlineData("CzTEUqBEQeiZrq7kNl4e A")]
    public void What_isnt_22_characters_of_base64url_is_no_id(string text) => Assert.False(KafkaUuid.TryParse(text, out _));

    [Fact]
    public void No_new_id_begins_with_a_dash_or_comes_twice()
    {
        string[] ids = [.. Enumerable.Range(0, 1_000).Select(_ => KafkaUuid.ToText(KafkaUuid.New()))];
        Assert.DoesNotContain(ids, id => id.StartsWith('-'));
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }
}
