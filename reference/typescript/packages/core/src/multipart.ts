export interface PartHead {
    readonly is: "head";
    readonly name: string;
    readonly filename: string;
    readonly type: string | null;
}
