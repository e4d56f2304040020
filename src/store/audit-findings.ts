/** What an audit has found so far: the first faults of many, and how many there are. */
import type { AuditFault } from './audit-fault.ts';

export interface Findings {
  readonly faults: readonly AuditFault[];
  readonly count: number;
}

export interface OpenFindings extends Findings {
  readonly found: (fault: AuditFault) => void;
  /** All that others found. */
  readonly add: (others: Findings) => void;
  /** In the place of all that was found of entries so far: they were sealed with another key, which is one fault and not many. */
  readonly asOne: (fault: AuditFault) => void;
}

const mostFaults = 1000;

export function openFindings(): OpenFindings {
  let faults: AuditFault[] = [];
  let count = 0;
  const found = (fault: AuditFault): void => {
    count++;
    if (faults.length < mostFaults) faults.push(fault);
  };
  return {
    found,
    add: (others) => {
      count += others.count;
      faults.push(...others.faults.slice(0, mostFaults - faults.length));
    },
    asOne: (fault) => {
      const others = faults.filter(({ kind }) => kind === 'head-unknown');
      [faults, count] = [[], 0];
      [fault, ...others].forEach(found);
    },
    get faults() {
      return faults;
    },
    get count() {
      return count;
    },
  };
}
