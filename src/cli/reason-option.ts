/** `--reason TEXT` of the commands by which the operator decides something: it stands in the log, as a moderator's does. */
import { InvalidArgumentError } from 'commander';

/** Characters; as many as `/moderate` takes. */
const longestReason = 500;

/** What `option` and `requiredOption` of these commands are given. */
export const reasonOption = ['--reason <text>', 'why; it stands in the log', parseReason] as const;

function parseReason(text: string): string {
  const reason = text.trim();
  if (reason === '' || reason.length > longestReason)
    throw new InvalidArgumentError(`Expected 1 to ${longestReason} characters.`);
  return reason;
}
