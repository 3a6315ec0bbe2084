import { expect, test } from '@jest/globals';
import { checkSchedule, rateAt, type Schedule } from '../../lib/training/schedule.js';
import { refusal } from '../support/refused.js';

const BASE: Schedule = { name: 'constant', rate: 0.8, warmup: 0, factor: 0.5, every: 2 };
const rates = (schedule: Partial<Schedule>, total = 8) =>
  Array.from({ length: total }, (_, step) => Number(rateAt({ ...BASE, ...schedule }, step, total, 2).toFixed(6)));

test('constant', () => expect(rates({})).toEqual(Array(8).fill(0.8)));
test('step: less every two epochs of two steps', () =>
  expect(rates({ name: 'step' })).toEqual([0.8, 0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.4]));
test('linear: from the rate to almost nothing', () =>
  expect(rates({ name: 'linear' }, 4)).toEqual([0.8, 0.6, 0.4, 0.2]));
test('cosine: half way at half time', () => {
  const made = rates({ name: 'cosine' });
  expect([made[0], made[4]]).toEqual([0.8, 0.4]);
  expect([...made].sort((a, b) => b - a)).toEqual(made);
});
test('warm-up: along a line from the first step', () =>
  expect(rates({ warmup: 4 }).slice(0, 5)).toEqual([0.2, 0.4, 0.6, 0.8, 0.8]));
test('no schedule', () => {
  expect(() => checkSchedule({ ...BASE, rate: 0 })).toThrow(refusal('USAGE', '--lr'));
  expect(() => checkSchedule({ ...BASE, warmup: 0.5 })).toThrow(refusal('USAGE', '--warmup'));
  expect(() => checkSchedule({ ...BASE, factor: 2 })).toThrow(refusal('USAGE', '--lr-factor'));
  expect(() => checkSchedule({ ...BASE, every: 0 })).toThrow(refusal('USAGE', '--lr-every'));
});
