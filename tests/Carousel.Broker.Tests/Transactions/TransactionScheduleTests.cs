using Carousel.Broker.Tests.Transactions.Simulation;
using Carousel.Broker.Transactions;
using Microsoft.Extensions.Time.Testing;
using Xunit.Sdk;

namespace Carousel.Broker.Tests.Transactions;

/// <summary>
/// Clients of both protocols, two of them on each transactional id, against a broker that crashes: what they were told is what is seen, whatever the order
/// of things. A failure names its seed, and the seed repeats it.
/// </summary>
public sealed class TransactionScheduleTests
{
    private const int Seeds = 4_000;
    private const int SeedsForFaults = 20_000;
    private const int Actions = 300;

    [Fact]
    public void Transactions_are_all_or_nothing_in_every_schedule()
    {
        (int committed, int aborted) = (0, 0);
        for (int seed = 0; seed < Seeds; seed++)
        {
            Oracle oracle = RunNamed(seed, Fault.None);
            committed += oracle.Count(Outcome.Committed);
            aborted += oracle.Count(Outcome.Aborted);
        }

        // Schedules in which nothing comes to an end would show nothing.
        Assert.True(committed > 2 * Seeds && aborted > 2 * Seeds, $"{committed} transactions were committed and {aborted} aborted in {Seeds} schedules");
    }

    [Theory]
    [InlineData(Fault.DecisionIsNotAwaited)]
    [InlineData(Fault.EndIsNotAwaited)]
    [InlineData(Fault.MarkersAreNotAwaited)]
    [InlineData(Fault.EpochIsNotAwaited)]
    [InlineData(Fault.NothingIsVerified)]
    [InlineData(Fault.OpenTransactionsAreNotListed)]
    internal void The_schedules_find_each_deliberate_fault(Fault fault)
    {
        for (int seed = 0; seed < SeedsForFaults; seed++)
        {
            try
            {
                RunNamed(seed, fault);
            }
            catch (XunitException)
            {
                return;
            }
        }

        Assert.Fail($"{fault} was found in none of {SeedsForFaults} schedules");
    }

    private static Oracle RunNamed(int seed, Fault fault)
    {
        try
        {
            Oracle? oracle = null;
            PumpContext.Run(pump => oracle = new Schedule(pump, seed, fault).Run());
            return oracle!;
        }
        catch (Exception e)
        {
            throw new XunitException($"Seed {seed}: {e.Message}", e);
        }
    }

    private sealed class Schedule(PumpContext pump, int seed, Fault fault)
    {
        private readonly Random _random = new(seed);
        private readonly Oracle _oracle = new();
        private readonly List<Task> _underWay = [];
        private SimulatedBroker _broker = null!;
        private SimulatedClient[] _clients = [];

        public Oracle Run()
        {
            _broker = SimulatedBroker.New(new SimulatedDisk(), new FakeTimeProvider(), fault);
            Assert.True(HasOpened());
            _clients = [Classic("a"), EpochBump("b"), Classic("c"), EpochBump("d")];
            if (seed % 2 == 0)
            {
                // Two who take each other's place all the time.
                _clients = [.. _clients, Classic("c"), EpochBump("d")];
            }

            for (int action = 0; action < Actions; action++)
            {
                Act();
            }

            Finish();
            _oracle.AssertAllOrNothing(_broker);
            return _oracle;
        }

        private SimulatedClient Classic(string transactionalId) => new(transactionalId, TransactionVersion.Classic, _oracle);

        private SimulatedClient EpochBump(string transactionalId) => new(transactionalId, TransactionVersion.EpochBump, _oracle);

        private void Act()
        {
            switch (_random.Next(100))
            {
                case < 45 when _clients.Where(client => !client.IsBusy).ToArray() is { Length: > 0 } idle:
                    _underWay.Add(idle[_random.Next(idle.Length)].ActAsync(_broker, _random));
                    break;
                case < 70:
                    _broker.Disk.FlushOne(_random);
                    break;
                case < 85:
                    pump.RunOne();
                    break;
                case < 88:
                    _broker.Time.Advance(TimeSpan.FromMilliseconds(SimulatedClient.TimeoutMs / 3));
                    _underWay.Add(_broker.Coordinator.SweepAsync());
                    break;
                case < 89:
                    Crash();
                    break;
                default:
                    pump.Drain();
                    break;
            }

            foreach (Task failed in _underWay.Where(task => task.IsFaulted))
            {
                failed.GetAwaiter().GetResult();
            }
        }

        private void Crash()
        {
            bool isPowerFailure = _random.Next(3) > 0;
            do
            {
                // Some starts crash as well, and leave what they had done by then.
                _broker.Disk.LastStep = _broker.Disk.Steps;
                pump.Drain();
                _broker = _broker.AfterCrash(new SimulatedDisk { LastStep = _random.Next(3) == 0 ? _random.Next(8) : null }, isPowerFailure, _random);
            }
            while (!HasOpened());

            _underWay.Clear();
            _clients = [.. _clients.Select(client => client.AfterCrash())];
        }

        /// <summary>Lets the start come to its end, or to its crash.</summary>
        private bool HasOpened()
        {
            Task opening = _broker.OpenAsync();
            while (!opening.IsCompleted && !_broker.Disk.IsDead)
            {
                _broker.Disk.FlushOne(_random);
                pump.Drain();
            }

            if (!opening.IsCompleted || _broker.Disk.IsDead)
            {
                return false;
            }

            _broker.Disk.LastStep = null;
            opening.GetAwaiter().GetResult();
            return true;
        }

        private void Finish()
        {
            for (int round = 0; round < 3; round++)
            {
                Settle();
                _broker.Time.Advance(TimeSpan.FromMilliseconds(SimulatedClient.TimeoutMs + 1));
                _underWay.Add(_broker.Coordinator.SweepAsync());
                Settle();
            }

            Assert.All(_underWay, task => Assert.True(task.IsCompletedSuccessfully, task.Exception?.Message ?? "a request was never answered"));
        }

        private void Settle()
        {
            do
            {
                _broker.Disk.FlushAll();
                pump.Drain();
            }
            while (_broker.Disk.Dirty.Count > 0);
        }
    }
}
