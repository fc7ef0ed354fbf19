using Avro;
using Avro.Generic;

namespace Carousel.Orders.Avro;

/// <summary>How the values of one schema are written and read.</summary>
/// <param name="Read">
/// Reads what a writer of this very schema wrote, without a generic record in between: those took a quarter of a stage's processor time. It throws what
/// <see cref="BoundedDecoder"/> and the types of the vocabulary throw about bytes.
/// </param>
/// <param name="FromRecord">Takes what Avro resolved from the schema of any other writer.</param>
internal sealed record ValueFormat<T>(RecordSchema Schema, Action<T, BufferEncoder> Write, Func<BoundedDecoder, T> Read, Func<GenericRecord, T> FromRecord);
