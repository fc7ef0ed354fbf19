using Carousel.Conformance.Tests.Brokers;
using Carousel.Testing;
using Carousel.Wire;

namespace Carousel.Conformance.Tests.Differential;

/// <summary>The same requests to Apache Kafka and to the embedded broker, and the same answers, field by field.</summary>
public abstract class DifferentialTest(SharedBrokers brokers)
{
    /// <summary>The same on both brokers.</summary>
    private protected string Prefix { get; } = TestKafka.UniquePrefix();

    private protected SharedBrokers Brokers => brokers;

    private protected async Task CompareAsync(Func<Dialogue, Task> scenario)
    {
        IBrokerUnderTest kafka = await brokers.StartedAsync(BrokerKind.Kafka);
        IBrokerUnderTest embedded = await brokers.StartedAsync(BrokerKind.Embedded);
        IReadOnlyDictionary<ApiKey, (short Min, short Max)> versions = await VersionsAsync(embedded);
        IReadOnlyList<string>[] records = await Task.WhenAll(RecordAsync(kafka), RecordAsync(embedded));
        (IReadOnlyList<string> expected, IReadOnlyList<string> actual) = (records[0], records[1]);
        Assert.NotEmpty(expected);
        Assert.True(expected.SequenceEqual(actual), Differences(expected, actual));

        async Task<IReadOnlyList<string>> RecordAsync(IBrokerUnderTest broker)
        {
            await using var dialogue = new Dialogue(broker.Port, versions);
            await scenario(dialogue);
            return dialogue.Lines;
        }
    }

    private protected static async Task<IReadOnlyDictionary<ApiKey, (short Min, short Max)>> VersionsAsync(IBrokerUnderTest broker)
    {
        await using BrokerConnection connection = await BrokerConnection.OpenAsync(broker.Port);
        ApiVersionsResponse response = (await connection.SendAsync<ApiVersionsRequest, ApiVersionsResponse>(new ApiVersionsRequest(), 0))!;
        return response.ApiKeys.ToDictionary(api => (ApiKey)api.ApiKey, api => (api.MinVersion, api.MaxVersion));
    }

    /// <summary>Every line that only one of the two has, under the request that it answers.</summary>
    private static string Differences(IReadOnlyList<string> expected, IReadOnlyList<string> actual)
    {
        const int LinesMax = 60;
        var lines = new List<string>();
        List<(string Title, List<string> Fields)> kafka = Answers(expected);
        List<(string Title, List<string> Fields)> ours = Answers(actual);
        for (int i = 0; i < Math.Max(kafka.Count, ours.Count); i++)
        {
            (string title, List<string> wanted) = i < kafka.Count ? kafka[i] : ("nothing", []);
            (string otherTitle, List<string> got) = i < ours.Count ? ours[i] : ("nothing", []);
            if (title != otherTitle || !wanted.SequenceEqual(got))
            {
                lines.Add(title == otherTitle ? title : $"{title}  (here: {otherTitle})");
                lines.AddRange(Except(wanted, got).Select(line => "  Kafka   " + line).Concat(Except(got, wanted).Select(line => "  embedded" + line)));
            }
        }

        return $"The embedded broker answers otherwise than Kafka:\n{string.Join('\n', lines.Take(LinesMax))}{(lines.Count > LinesMax ? $"\n… and {lines.Count - LinesMax} lines more" : "")}";
    }

    private static List<(string Title, List<string> Fields)> Answers(IReadOnlyList<string> lines)
    {
        var answers = new List<(string Title, List<string> Fields)>();
        foreach (string line in lines)
        {
            if (line.StartsWith(' '))
            {
                answers[^1].Fields.Add(line);
            }
            else
            {
                answers.Add((line, []));
            }
        }

        return answers;
    }

    /// <summary>A line may be there more than once.</summary>
    private static List<string> Except(List<string> lines, List<string> others)
    {
        var rest = new List<string>(lines);
        others.ForEach(line => rest.Remove(line));
        return rest;
    }
}
