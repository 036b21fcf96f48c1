// The texts of a search whose candidates are scored without training.
import { describe, expect, it } from "vitest";
import type { Task } from "../live/events";
import { LogBuilder } from "../testing/logBuilder";
import { announcement } from "./announcement";
import { answerQuality, describeAnswer, describeBest, explainMeasurement } from "./answer";
import { candidateMetric, doneWord, hasRelativeScores } from "./candidateMetric";
import { describeLog } from "./eventText";
import { describeProgress, testProgress } from "./explanation";
import { momentOf } from "./moment";
import { rankCandidates } from "./momentCandidates";

const log = () =>
  new LogBuilder("zico", "proxy").proposeCells(["2 edges", "3 edges"], []).score(312.43, 24_579_034);
const finalists = () => log().replaceCell("3 edges").trainFinalists(["2 edges", "3 edges"]);
const FOUND = { edges: ["0-1"], step: 1, quality: 312.43 };
const TRAINED = { ...FOUND, quality: 0.97, metric: "accuracy" as const };
const newest = ({ view, history }: LogBuilder) => announcement(view, history);

const telemetry = (done: number, running: number, queued: number, perItem: number) => ({
  status: "running" as const,
  seq: 1,
  waiting: null,
  error: null,
  pending: [],
  counts: { queued, running, done },
  work: [
    { round: 0, about: Array.from({ length: perItem }, (_, i) => i + 1), status: "done" as const, curve: [] },
  ],
  workers: [],
  left: { steps: null, seconds: null },
  measuring: null,
  candidates: 0,
  architecture: null,
});

describe("a search whose candidates are scored", () => {
  it("calls them scored, and its finalists trained by the metric of the data", () => {
    const { view } = log();
    expect([candidateMetric(view), doneWord(view)]).toEqual(["proxy", "scored"]);
    expect(candidateMetric(finalists().view)).toBe("accuracy");
    const text = { ...finalists().view, macro: { kind: "text" as const, vocabulary: 9, hidden: 9 } };
    expect(candidateMetric(text)).toBe("perplexity");
    expect(candidateMetric(new LogBuilder("random", "perplexity").trainFinalists(["2 edges"]).view)).toBe(
      "perplexity",
    );
    expect(doneWord(new LogBuilder().view)).toBe("tested");
  });

  it("tells the score of its answer, or what its finalist reached", () => {
    const { view } = log().finish(FOUND);
    expect([view.answer && answerQuality(view.answer), describeAnswer(view)]).toEqual([
      "Proxy score",
      "proxy score 312.4",
    ]);
    expect(view.answer && explainMeasurement(view, view.answer)).toBe(
      "Scored as a candidate, and not trained.",
    );
    expect(describeBest(view)).toBe("proxy score 312.4, step 1");
    const trained = finalists().score(0.96, 0.97).finish(TRAINED).view;
    expect([trained.answer && answerQuality(trained.answer), describeAnswer(trained)]).toEqual([
      "Validation accuracy",
      "accuracy 97.0%",
    ]);
    expect(trained.answer && explainMeasurement(trained, trained.answer)).toBe(
      "Trained from scratch; candidates were scored without training.",
    );
    expect(describeBest(trained)).toBe("97.0%, step 1");
  });

  it("announces its finalists and its answer", () => {
    expect(newest(finalists())).toBe(
      "The steps are done. The 2 best cells that fit are trained now, from scratch. The best of them becomes the answer.",
    );
    expect(newest(log().replaceCell("3 edges").finish(FOUND))).toBe(
      "Search finished after 1 step. Its answer: proxy score 312.4.",
    );
  });

  it("has scores of any size in its events", () => {
    const [decided] = describeLog(log().replaceCell("3 edges").view);
    expect(decided?.words.detail.replaceAll("\u202f", " ")).toBe("score 24.58 M");
  });

  it("counts candidates, of which an item of work has several", () => {
    const { view } = new LogBuilder("zico", "proxy").proposeMany(50);
    const moment = (at: ReturnType<typeof telemetry>) => momentOf(view, null, at);
    const progress = (at: ReturnType<typeof telemetry>) => testProgress(moment(at), at);
    expect(progress(telemetry(0, 2, 2, 16))).toEqual([0, 50]);
    expect(progress(telemetry(2, 1, 1, 16))).toEqual([32, 50]);
    expect(progress(telemetry(4, 0, 0, 16))).toEqual([50, 50]);
    const half = telemetry(2, 1, 1, 16);
    expect(describeProgress(view, half, moment(half))).toBe("Step 1: 32 of 50 scored");
  });

  it("ranks its finalists by their quality, whose best epoch counts while they train", () => {
    const { view } = finalists();
    const point = (val_accuracy: number) => ({ epoch: 1, train_loss: 1, val_loss: 9, val_accuracy });
    const [first, second] = view.candidates.shown;
    const work = [first, second].map((each, i) => ({
      round: view.round + 1,
      about: [each?.id ?? 0],
      status: "running" as const,
      curve: i === 0 ? [point(0.5)] : [point(0.9), point(0.8)],
    }));
    const { candidates } = momentOf(view, null, { ...telemetry(0, 2, 0, 1), work });
    expect(rankCandidates(candidates).map(({ quality }) => quality)).toEqual([0.9, 0.5]);
  });
});

it("scores are relative where several proxies are combined", () => {
  const task = (config: object) => ({ evaluator: { name: "score", config } }) as unknown as Task;
  const second = (name: string) => hasRelativeScores(task({ proxy: "zico", second: name, third: "none" }));
  expect([second("none"), second("synflow"), hasRelativeScores(task({})), hasRelativeScores(null)]).toEqual([
    false,
    true,
    false,
    false,
  ]);
});
