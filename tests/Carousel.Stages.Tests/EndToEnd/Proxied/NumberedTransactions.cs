using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Carousel.Stages.Log;
using Carousel.Stages.Tests.Schedules;

namespace Carousel.Stages.Tests.EndToEnd.Proxied;

/// <summary>Writes into each record of a topic which transaction it is sent in, so that a reader can tell whether it sees a transaction whole.</summary>
internal sealed class NumberedTransactions(IStageLog inner, string topic) : DelegatingLog(inner)
{
    public const string Header = "transaction";

    private readonly ConcurrentDictionary<int, int> _sent = new();
    private int _last;

    /// <summary>Transactions that were begun, and how many records of the topic were sent in each that had any.</summary>
    public IReadOnlyDictionary<int, int> Sent => _sent;

    /// <summary>Those of which some records are among these, and some aren't.</summary>
    public IReadOnlyList<int> Torn(IReadOnlyList<CopiedRecord> visible) =>
    [
        .. visible.GroupBy(record => record.Transaction!.Value).Where(transaction => transaction.Count() != _sent[transaction.Key]).Select(transaction => transaction.Key),
    ];

    public override async Task<IStageProducer> OpenProducerAsync(string transactionalId, CancellationToken cancellationToken) =>
        new Producer(await Inner.OpenProducerAsync(transactionalId, cancellationToken), this, topic);

    private sealed class Producer(IStageProducer inner, NumberedTransactions log, string topic) : DelegatingProducer(inner)
    {
        private int _number;

        public override Task BeginAsync()
        {
            _number = Interlocked.Increment(ref log._last);
            return Inner.BeginAsync();
        }

        public override void Send(OutputRecord record)
        {
            if (record.Topic != topic)
            {
                Inner.Send(record);
                return;
            }

            log._sent.AddOrUpdate(_number, 1, (_, sent) => sent + 1);
            var header = new RecordHeader(Header, Encoding.UTF8.GetBytes(_number.ToString(CultureInfo.InvariantCulture)));
            Inner.Send(record with { Headers = [.. record.Headers, header] });
        }
    }
}
