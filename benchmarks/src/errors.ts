import { brandError, ProcessError } from '@mp/errors';

/** Something was asked of the benchmarks that they do not have. The message says what there is. */
export class UsageError extends ProcessError {
  constructor(message: string) {
    super(message, { code: 'ERR_BENCH_USAGE' });
  }
}
brandError(UsageError, 'BenchmarkUsageError');

/** The program of a participant ended while it was needed. */
export class ParticipantLostError extends ProcessError {
  readonly exitCode: number | null;
  readonly signal: string | null;

  constructor(message: string, end: { exitCode: number | null; signal: string | null; cause?: unknown }) {
    super(message, { code: 'ERR_BENCH_PARTICIPANT_LOST', ...('cause' in end && { cause: end.cause }) });
    this.exitCode = end.exitCode;
    this.signal = end.signal;
  }
}
brandError(ParticipantLostError, 'BenchmarkParticipantLostError');

/** The program of a participant said something that is no answer. */
export class ProtocolError extends ProcessError {
  constructor(message: string) {
    super(message, { code: 'ERR_BENCH_PROTOCOL' });
  }
}
brandError(ProtocolError, 'BenchmarkProtocolError');

/** A participant did the work and got it wrong. However quick it was, that is no figure. */
export class WrongResultError extends ProcessError {
  constructor(message: string) {
    super(message, { code: 'ERR_BENCH_WRONG_RESULT' });
  }
}
brandError(WrongResultError, 'BenchmarkWrongResultError');

/** The machine lacks what a participant needs: it is left out, by name. */
export class NotAvailableError extends ProcessError {
  constructor(message: string) {
    super(message, { code: 'ERR_BENCH_NOT_AVAILABLE' });
  }
}
brandError(NotAvailableError, 'BenchmarkNotAvailableError');
