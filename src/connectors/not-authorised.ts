import type { Problem } from './driver.ts';

/** Who does not take a sign-in mostly says no more than a number: here is what to do. What it said stays as the detail. */
export function notAuthorised(problem: Problem, status: number): Problem {
  const { title, detail } = problem;
  const said = [/^(The system answered )?HTTP \d+\.?$/.test(title) ? undefined : title, detail].filter((each) => each !== undefined).join(' ');
  const todo = status === 407 ? 'The proxy did not take our sign-in (HTTP 407); look at user and password of the system\'s proxy'
    : status === 403 ? 'The system does not let our sign-in do this (HTTP 403); have the right given there, or give the system another sign-in'
      : `The system did not take our sign-in (HTTP ${status}); look at the secrets of the system`;
  const { detail: _before, ...rest } = problem;
  return { ...rest, title: `${todo}, then replay.`, ...(said === '' ? {} : { detail: said }), errorClass: 'not-authorised' };
}
