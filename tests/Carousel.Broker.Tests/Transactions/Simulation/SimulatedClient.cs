using Carousel.Broker.Transactions;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Transactions.Simulation;

/// <summary>A transactional producer that does one thing at a time, as its protocol allows, and tells the oracle what it was told.</summary>
internal sealed class SimulatedClient(string transactionalId, TransactionVersion version, Oracle oracle)
{
    public const int TimeoutMs = 10_000;

    private ProducerIdAndEpoch? _producer;
    private ProducerIdAndEpoch? _recovering;
    private SimulatedTransaction? _transaction;
    private (ProducerIdAndEpoch Producer, SimulatedTransaction Transaction, bool IsCommit)? _former;

    public bool IsBusy { get; private set; }

    /// <summary>The client after its connection broke: what was under way has an unknown end.</summary>
    public SimulatedClient AfterCrash()
    {
        if (_transaction is not null && IsBusy)
        {
            _transaction.HasFailed = true;
        }

        return new SimulatedClient(transactionalId, version, oracle) { _producer = _producer, _recovering = _recovering, _transaction = _transaction };
    }

    public async Task ActAsync(SimulatedBroker broker, Random random)
    {
        IsBusy = true;
        int choice = random.Next(30);
        if (_producer is not { } producer)
        {
            await InitializeAsync(broker, choice % 2 == 0 ? _recovering : null);
        }
        else if (_transaction is { } transaction && (transaction.HasFailed || choice >= 22))
        {
            await EndAsync(broker, producer, transaction, isCommit: !transaction.HasFailed && choice < 28);
        }
        else if (choice == 0)
        {
            _producer = null;
        }
        else if (choice <= 3 && _former is { } former && (version != TransactionVersion.Classic || _transaction is null))
        {
            await RepeatLateAsync(broker, random, former.Producer, former.Transaction, former.IsCommit);
        }
        else
        {
            await WriteAsync(broker, producer, _transaction ??= oracle.Begin(), random.Next(SimulatedBroker.PartitionCount));
        }

        IsBusy = false;
    }

    /// <summary>
    /// A request of the last transaction comes late. In the classic protocol nothing would keep a write out once the next transaction has the partition, and
    /// a late end would end the next transaction.
    /// </summary>
    private async Task RepeatLateAsync(
        SimulatedBroker broker, Random random, ProducerIdAndEpoch producer, SimulatedTransaction transaction, bool isCommit)
    {
        if (random.Next(2) == 0)
        {
            await broker.ProduceAsync(random.Next(SimulatedBroker.PartitionCount), producer, transaction.Number);
        }
        else
        {
            await broker.Coordinator.EndAsync(transactionalId, producer, isCommit, version);
        }
    }

    /// <param name="recovering">What the producer was before its trouble (KIP-360); null to start over.</param>
    private async Task InitializeAsync(SimulatedBroker broker, ProducerIdAndEpoch? recovering)
    {
        ProducerResult result = await broker.Coordinator.InitializeAsync(transactionalId, TimeoutMs, recovering);
        (_recovering, _transaction, _former) = (null, null, null);
        if (result.Error == ErrorCode.None)
        {
            oracle.Given(result.Producer);
            _producer = result.Producer;
        }
    }

    private async Task WriteAsync(SimulatedBroker broker, ProducerIdAndEpoch producer, SimulatedTransaction transaction, int partition)
    {
        TopicPartition[] partitions = [broker.Partitions[partition].Name];
        ErrorCode error = version == TransactionVersion.Classic
            ? await broker.Coordinator.AddPartitionsAsync(transactionalId, producer, partitions)
            : await broker.Coordinator.AddImplicitlyAsync(transactionalId, producer, partitions);
        if (error == ErrorCode.None)
        {
            error = await broker.ProduceAsync(partition, producer, transaction.Number);
        }

        if (error == ErrorCode.None)
        {
            transaction.Acknowledged.Add(partition);
        }
        else
        {
            transaction.HasFailed = true;
        }
    }

    private async Task EndAsync(SimulatedBroker broker, ProducerIdAndEpoch producer, SimulatedTransaction transaction, bool isCommit)
    {
        ProducerResult result = await broker.Coordinator.EndAsync(transactionalId, producer, isCommit, version);
        if (result.Error == ErrorCode.None)
        {
            transaction.Outcome = isCommit ? Outcome.Committed : Outcome.Aborted;
            if (isCommit)
            {
                Oracle.AssertVisible(broker, transaction);
            }

            _former = (producer, transaction, isCommit);
            if (version == TransactionVersion.EpochBump)
            {
                oracle.Given(result.Producer);
                _producer = result.Producer;
            }
        }
        else
        {
            (_recovering, _producer) = (producer, null);
        }

        _transaction = null;
    }
}
