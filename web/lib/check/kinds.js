// Generated from the kinds of the root package; go generate writes it anew.

/** The kinds of each class. @type {Record<string, string>} */
export const CLASSES = {
  authority: "accession adoption agreement amendment consent countersignature deployment erasure key lapse mandate nomination objection revocation standdown succession suspension",
  movement: "arrival coverage departure exhibit explanation handover hold link passage plan restriction resumption situation transfer turnback",
  incident: "incident",
  word: "assessment correction dispute dissent figure grant meeting notification reply request reservation statement translation",
  report: "report",
  office: "answer breach complaint disclosure refusal told track",
};
