using Microsoft.Extensions.Logging;

namespace Carousel.Stages.Engine;

/// <summary>What every part of a running stage has at hand.</summary>
internal sealed record StageContext(StageOptions Options, StageMetrics Metrics, TimeProvider Time, Random Random, ILogger Logger);
