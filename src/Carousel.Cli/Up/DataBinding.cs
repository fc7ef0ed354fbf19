using Carousel.Cli.Configuration;
using Carousel.Kafka;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Carousel.Cli.Up;

/// <summary>
/// Ties a data directory (database, ledger, order id key) to the topics it was filled with. Either without the other would charge orders anew:
/// the file <c>topics.id</c> holds the id that Kafka gave the topic <c>orders</c>, which changes when a topic is deleted and made again.
/// </summary>
internal sealed class DataBinding(CarouselSettings settings)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);
    private readonly string _file = Path.Combine(settings.DataDirectory, "topics.id");

    /// <param name="isNew">The topics were created just now, and so are empty.</param>
    /// <exception cref="CommandFailedException">Directory and topics don't belong together; the message says what to do.</exception>
    public async Task BindAsync(bool isNew, CancellationToken cancellationToken)
    {
        using IAdminClient admin = new AdminClientBuilder(KafkaClientSettings.Admin(settings.Kafka, "carousel-up")).SetLogHandler((_, _) => { }).Build();
        string topic = settings.Topics.Orders;
        DescribeTopicsResult described = await admin.DescribeTopicsAsync(
            TopicCollection.OfTopicNames([topic]), new DescribeTopicsOptions { RequestTimeout = Timeout });
        TopicDescription description = described.TopicDescriptions.Single();
        string id = description.TopicId.ToString();
        if (File.Exists(_file))
        {
            string bound = (await File.ReadAllTextAsync(_file, cancellationToken)).Trim();
            if (bound != id)
            {
                throw new CommandFailedException(
                    $"The directory {settings.DataDirectory} keeps the books of another topic {topic} ({bound}) than the one at {settings.Kafka.BootstrapServers} ({id}): "
                    + "name the directory that belongs to it with --data, or an empty one.");
            }

            return;
        }

        if (!isNew && await HoldsRecordsAsync(admin, description))
        {
            throw new CommandFailedException(
                $"Topic {topic} at {settings.Kafka.BootstrapServers} holds orders already, and the directory {settings.DataDirectory} has no books for them: "
                + "name the directory that they were made with by --data, or start beside them with another --topic-prefix.");
        }

        await File.WriteAllTextAsync(_file, id + "\n", cancellationToken);
    }

    private static async Task<bool> HoldsRecordsAsync(IAdminClient admin, TopicDescription topic)
    {
        ListOffsetsResult latest = await admin.ListOffsetsAsync(
            topic.Partitions.Select(partition => new TopicPartitionOffsetSpec
            {
                TopicPartition = new TopicPartition(topic.Name, partition.Partition),
                OffsetSpec = OffsetSpec.Latest(),
            }),
            new ListOffsetsOptions { RequestTimeout = Timeout });
        return latest.ResultInfos.Any(result => result.TopicPartitionOffsetError.Offset.Value > 0);
    }
}
