// The one place where the pages' terms are defined. <Term> shows a definition; costs use their keys as names.

export interface Definition {
  readonly title: string;
  /** one or two sentences */
  readonly text: string;
}

export const GLOSSARY = {
  accuracy: {
    title: "Accuracy",
    text: "Share of images that the network assigns to the right class. During a search it is measured on the validation split, after a short training.",
  },
  perplexity: {
    title: "Perplexity",
    text: "How uncertain a language model is about the next word: at 100 it is as unsure as between 100 equally likely words. Lower is better.",
  },
  loss: {
    title: "Loss",
    text: "Cross-entropy between the network's prediction and the right answer, the quantity that training minimises. Lower is better.",
  },
  score: {
    title: "Score",
    text: "What the search ranks candidates by: accuracy (for text, the negative loss; without training, a proxy), plus a bonus for low cost, or a rank by several proxies. Only differences within one search mean something.",
  },
  proxy: {
    title: "Proxy",
    text: "A score of a network that was not trained, computed in seconds from its weights as they are drawn, or from its costs. Higher is better; scores by different proxies, or on different datasets, cannot be compared.",
  },
  rankCorrelation: {
    title: "Rank correlation",
    text: "Kendall's tau: 1 where a proxy puts the architectures in the same order as their accuracy after training, 0 where the orders have nothing in common, −1 where they are opposite.",
  },
  population: {
    title: "Population",
    text: "The cells that new candidates descend from. In regularized evolution the oldest ones die, however good they are; ZiCo's evolution keeps the best; random search has no parents, and its cells are drawn independently.",
  },
  answer: {
    title: "Answer",
    text: "The network that a search ends with: of its best few that fit all limits, trained from scratch, longer than candidates are, the best. It need not be the cell of the last step.",
  },
  importance: {
    title: "Importance",
    text: "How much worse a candidate scores without this edge than the average candidate of the same step, averaged over its tests. Above 0: worth keeping.",
  },
  evidence: {
    title: "Evidence",
    text: "How often cutting an edge has been tested. With fewer than 3 tests its importance is mostly noise.",
  },
  candidate: {
    title: "Candidate",
    text: "A cell that a step tests. For AutoShrink it is the current cell with one more edge cut. Each is trained briefly, or scored by a proxy without training, and the scores decide the next cell.",
  },
  step: {
    title: "Step",
    text: "One decision of the search: it tests several candidates and chooses the next cell among them by score.",
  },
  cell: {
    title: "Cell",
    text: "The graph that the search shapes. The network repeats it, with a fixed stem before it and a classifier or decoder after it.",
  },
  denseCell: {
    title: "Dense cell",
    text: "The largest cell: every node receives an edge from every earlier node. AutoShrink starts from it.",
  },
  smallestCell: {
    title: "Smallest cell",
    text: "The cheapest cell that the search can still reach. A limit below its cost cannot be met.",
  },
  node: {
    title: "Node",
    text: "One operation of the cell. It combines the outputs of the nodes whose edges lead to it.",
  },
  edge: {
    title: "Edge",
    text: "A connection from one node of the cell to a later one. 2→5 passes the output of node 2 to node 5.",
  },
  leaf: {
    title: "Output of the cell (leaf)",
    text: "A node that no other node of the cell reads, marked with a leaf. Its output leaves the cell; several are concatenated, in a text model averaged.",
  },
  operation: {
    title: "Operation",
    text: "What a node computes. sep3: separable 3×3 convolution. conv1: 1×1 convolution. relu, sigmoid, tanh, identity: the activation of a recurrent node.",
  },
  width: {
    title: "Width",
    text: "The number of channels that a node passes on, where the search chooses it for each node.",
  },
  sep3: {
    title: "sep3",
    text: "Separable 3×3 convolution: a 3×3 filter per channel, then a 1×1 convolution that mixes the channels. Needs far fewer weights than a full 3×3 convolution.",
  },
  conv1: {
    title: "conv1",
    text: "1×1 convolution: mixes the channels of each pixel and looks at no neighbours.",
  },
  params: {
    title: "Parameters",
    text: "The numbers that training adjusts and the model file stores, scale and shift of batch normalization included.",
  },
  macs: {
    title: "MACs",
    text: "Multiply-accumulate operations for one input. One multiplication and one addition count as 1.",
  },
  peak_memory: {
    title: "Peak memory",
    text: "The most activation memory in use at once, for one input (batch size 1). Weights are not counted.",
  },
  liveMemory: {
    title: "Live memory",
    text: "Activation memory in use while this part runs, for one input. The largest value is the peak; weights are not counted.",
  },
  latency: {
    title: "Latency",
    text: "Time of one inference for one input, measured on a device. The value is the median of many runs.",
  },
  spread: {
    title: "10th to 90th percentile",
    text: "Eight of ten runs took a time between these two values.",
  },
  limit: {
    title: "Limit",
    text: "The most that the network may cost. The result of a search must meet every limit.",
  },
  costWeight: {
    title: "Cost weight",
    text: "How many accuracy points the search gives up for a cell that costs 10 times less. 0.1 means 10 points; 0 ignores the cost.",
  },
  precision: {
    title: "Precision on the device",
    text: "The number format of activations on the device. Peak memory is counted at this precision; exported files use float32.",
  },
  front: {
    title: "Pareto front",
    text: "The results that no other result beats in both quality and cost. They are marked with a ring.",
  },
  branch: {
    title: "Branch",
    text: "One line of steps of a search. Rolling back opens a new branch; the old one stays available.",
  },
  validation: {
    title: "Validation split",
    text: "Data that training does not see. It is used to compare candidates and to choose the best epoch.",
  },
  test: {
    title: "Test split",
    text: "Data that neither the search nor the training sees. It is used once, when a training ends.",
  },
  epoch: {
    title: "Epoch",
    text: "One pass of the training over all its data.",
  },
  seed: {
    title: "Seed",
    text: "The start value of every random choice. The same settings with the same seed give the same result on the same kind of machine.",
  },
  checksum: {
    title: "Checksum",
    text: "SHA-256 of the content, to verify that two copies are identical. Equal checksums mean equal content.",
  },
} as const satisfies Readonly<Record<string, Definition>>;

export type TermName = keyof typeof GLOSSARY;
