import { inspect } from 'node:util';
import { self } from './self.ts';

/** How grave a message is, as in Python's logging, with the two levels that multiprocessing adds. */
export const LOG_LEVELS = {
  NOTSET: 0,
  SUBDEBUG: 5,
  DEBUG: 10,
  INFO: 20,
  SUBWARNING: 25,
  WARNING: 30,
  ERROR: 40,
  CRITICAL: 50,
} as const;

/** The name of a level. */
export type LogLevel = keyof typeof LOG_LEVELS;

/** One message. */
export interface LogRecord {
  /** As a number, as in {@link LOG_LEVELS}. */
  readonly level: number;
  /** Its name; of a number without one, `Level 7`. */
  readonly levelName: string;
  /** The text. */
  readonly message: string;
  /** Of the process that says it. */
  readonly processName: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** What is done with messages. */
export type LogHandler = (record: LogRecord) => void;

/** What a child takes over: handlers of the user's own are functions, and stay where they are (but for `fork`). */
export interface LogSettings {
  readonly level: number;
  readonly toStderr: boolean;
}

/**
 * The logger of this package: what it does, for those who look for a mistake; and for messages of one's own.
 *
 * It says nothing until it has a handler, see {@link logToStderr}.
 */
export class Logger {
  /** Messages below it are dropped. Default: none is. */
  level: number = LOG_LEVELS.NOTSET;
  /** What gets each message. Without one nothing is logged. */
  readonly handlers: LogHandler[] = [];

  /** Messages below it are dropped. */
  setLevel(level: LogLevel | number): void {
    this.level = numberOf(level);
  }

  /** Hands every message to `handler`, too. It is called at once, in the thread that says it, and must not throw. */
  addHandler(handler: LogHandler): void {
    this.handlers.push(handler);
  }

  /** Hands no more messages to `handler`. */
  removeHandler(handler: LogHandler): void {
    const index = this.handlers.indexOf(handler);
    if (index !== -1) this.handlers.splice(index, 1);
  }

  /** Says something at a level, by name or number. The parts stand side by side; what is no text, as `util.inspect` shows it. */
  log(level: LogLevel | number, ...parts: readonly unknown[]): void {
    const number = numberOf(level);
    if (number < this.level || this.handlers.length === 0) return;
    const record: LogRecord = {
      level: number,
      levelName: nameOf(number),
      message: parts.map((part) => (typeof part === 'string' ? part : inspect(part))).join(' '),
      processName: self.current?.name ?? 'MainProcess',
      time: Date.now(),
    };
    for (const handler of [...this.handlers]) handler(record);
  }

  /** At level SUBDEBUG, 5. */
  subDebug(...parts: readonly unknown[]): void {
    this.log('SUBDEBUG', ...parts);
  }

  /** At level DEBUG, 10. */
  debug(...parts: readonly unknown[]): void {
    this.log('DEBUG', ...parts);
  }

  /** At level INFO, 20. */
  info(...parts: readonly unknown[]): void {
    this.log('INFO', ...parts);
  }

  /** At level SUBWARNING, 25. */
  subWarning(...parts: readonly unknown[]): void {
    this.log('SUBWARNING', ...parts);
  }

  /** At level WARNING, 30. */
  warning(...parts: readonly unknown[]): void {
    this.log('WARNING', ...parts);
  }

  /** At level ERROR, 40. */
  error(...parts: readonly unknown[]): void {
    this.log('ERROR', ...parts);
  }
}

let logger: Logger | undefined;

/**
 * The logger of this package in this process; made by the first who asks.
 *
 * Python: `multiprocessing.get_logger`.
 *
 * @example
 * ```ts
 * getLogger().addHandler(({ levelName, message }) => appendFileSync('log', `${levelName} ${message}\n`));
 * ```
 */
export function getLogger(): Logger {
  logger ??= new Logger();
  return logger;
}

/**
 * Has messages printed on standard error, `[INFO/Process-1] child process calling self.run()`, here and in the children that
 * are started from now on. Called again it changes the level only; Python prints each message twice then.
 *
 * @param level - undefined: as it is
 *
 * @example
 * ```ts
 * logToStderr('INFO');
 * ```
 *
 * Python: `multiprocessing.log_to_stderr`.
 */
export function logToStderr(level?: LogLevel | number): Logger {
  const logger = getLogger();
  if (!logger.handlers.includes(printOnStderr)) logger.addHandler(printOnStderr);
  if (level !== undefined) logger.setLevel(level);
  return logger;
}

const printOnStderr: LogHandler = ({ levelName, processName, message }) => {
  process.stderr.write(`[${levelName}/${processName}] ${message}\n`);
};

/** What this package does. Costs nothing as long as there is no logger. @internal */
export function logInfo(message: string): void {
  logger?.info(message);
}

/** The stages of a start, for those who look for a mistake in one. @internal */
export function logDebug(message: string): void {
  logger?.debug(message);
}

/** For a child that inherits no memory. @internal */
export function logSettings(): LogSettings | undefined {
  return logger === undefined ? undefined : { level: logger.level, toStderr: logger.handlers.includes(printOnStderr) };
}

/** @internal */
export function takeOverLogSettings(settings: LogSettings | undefined): void {
  // A fork server may have had some.
  logger = undefined;
  if (settings === undefined) return;
  getLogger().setLevel(settings.level);
  if (settings.toStderr) logToStderr();
}

function numberOf(level: LogLevel | number): number {
  const number = typeof level === 'number' ? level : LOG_LEVELS[level];
  if (typeof number === 'number' && !Number.isNaN(number)) return number;
  throw Object.assign(
    new TypeError(`There is no log level ${inspect(level)}. There are: ${Object.keys(LOG_LEVELS).join(', ')}.`),
    { code: 'ERR_INVALID_ARG_VALUE' },
  );
}

const nameOf = (number: number): string =>
  Object.entries(LOG_LEVELS).find(([, value]) => value === number)?.[0] ?? `Level ${number}`;
