"""The texts of `callers` that tell structural variants, and of old and converted files."""

from __future__ import annotations

from vcf.small_variant_texts import CONTIGS

STRUCTURAL = {
    "manta": f"""##fileformat=VCFv4.1
##source=GenerateSVCandidates 1.6.0
##INFO=<ID=IMPRECISE,Number=0,Type=Flag,Description="Imprecise structural variation">
##INFO=<ID=SVTYPE,Number=1,Type=String,Description="Type of structural variant">
##INFO=<ID=SVLEN,Number=.,Type=Integer,Description="Difference in length">
##INFO=<ID=END,Number=1,Type=Integer,Description="End position of the variant">
##INFO=<ID=CIPOS,Number=2,Type=Integer,Description="Confidence interval around POS">
##INFO=<ID=MATEID,Number=.,Type=String,Description="ID of mate breakend">
##FORMAT=<ID=PR,Number=.,Type=Integer,Description="Spanning paired-read support">
##FORMAT=<ID=SR,Number=.,Type=Integer,Description="Split reads">
##ALT=<ID=DEL,Description="Deletion">
##ALT=<ID=DUP:TANDEM,Description="Tandem Duplication">
{CONTIGS}
#COLUMNS FORMAT S
CONTIG 500 MantaDEL:1:0:0:0:0:0 R500 <DEL> 999 PASS END=900;SVTYPE=DEL;SVLEN=-400;IMPRECISE;\
CIPOS=-40,40 GT:FT:GQ:PL:PR 0/1:PASS:99:100,0,100:20,9
CONTIG 600 MantaDEL:2 R600+40 R600 999 PASS END=639;SVTYPE=DEL;SVLEN=-39;CIGAR=1M39D \
GT:FT:GQ:PL:PR:SR 0/1:MinGQ;x:99:100,0,100:20,9:9,9
CONTIG 1000 MantaBND:3:0 R1000 R1000[SECOND:700[ 50 PASS SVTYPE=BND;MATEID=MantaBND:3:1 GT:PR \
0/1:3,4
CONTIG 1200 MantaDUP:4 R1200 <DUP:TANDEM> 50 MaxDepth END=1500;SVTYPE=DUP;SVLEN=300 GT:PR 0/1:3,4
CONTIG 1300 MantaINS:5 R1300 <INS> 50 PASS END=1300;SVTYPE=INS;LEFT_SVINSSEQ=ACGT GT:PR 0/1:3,4
SECOND 700 MantaBND:3:1 R700 ]CONTIG:1000]R700 50 PASS SVTYPE=BND;MATEID=MantaBND:3:0 GT:PR \
0/1:3,4
""",
    "delly": f"""##fileformat=VCFv4.2
##ALT=<ID=DEL,Description="Deletion">
##ALT=<ID=INV,Description="Inversion">
##INFO=<ID=CHR2,Number=1,Type=String,Description="Chromosome for POS2 coordinate">
##INFO=<ID=END,Number=1,Type=Integer,Description="End position of the structural variant">
##INFO=<ID=CT,Number=1,Type=String,Description="Paired-end signature induced connection type">
##INFO=<ID=SVMETHOD,Number=1,Type=String,Description="Type of approach used to detect SV">
##FORMAT=<ID=GL,Number=G,Type=Float,Description="Log10-scaled genotype likelihoods">
##FORMAT=<ID=RCL,Number=1,Type=Integer,Description="Raw high-quality read counts">
{CONTIGS}
#COLUMNS FORMAT tumor control
CONTIG 700 DEL00000001 R700 <DEL> 1200 PASS PRECISE;SVTYPE=DEL;SVMETHOD=EMBL.DELLYv1.1.6;END=1400;\
PE=9;MAPQ=60;CT=3to5;CIPOS=-3,3 GT:GL:GQ:FT:RCL 0/1:-9,0,-9:90:PASS:200 0/0:0,-1,-9:10:LowQual:201
CONTIG 900 INV00000002 R900 <INV> . LowQual IMPRECISE;SVTYPE=INV;END=2100;CT=3to3 GT:GL:GQ:FT:RCL \
0/1:-9,0,-9:90:PASS:200 ./.:.,.,.:0:LowQual:0
CONTIG 1500 TRA00000003 N <TRA> . PASS IMPRECISE;SVTYPE=TRA;CHR2=SECOND;END=200;CT=5to5 GT 0/1 0/0
""",
    "copy-number": f"""##fileformat=VCFv4.4
##ALT=<ID=CNV,Description="Copy number variable region">
##ALT=<ID=CNV:TR,Description="Tandem repeat">
##FORMAT=<ID=CN,Number=1,Type=Integer,Description="Copy number">
##INFO=<ID=RN,Number=A,Type=Integer,Description="Number of repeat sequences">
##INFO=<ID=RUC,Number=.,Type=Float,Description="Repeat unit count">
##INFO=<ID=SVCLAIM,Number=A,Type=String,Description="Claim made by the structural variant call">
{CONTIGS}
#COLUMNS FORMAT S
CONTIG 0 telomere N .[SECOND:5[ . PASS SVTYPE=BND;SVCLAIM=J GT 0/1
CONTIG 400 . R400 <CNV> . PASS END=2400;SVLEN=2000;SVCLAIM=D GT:CN ./.:2.5
CONTIG 500 . N <DEL> . PASS SVLEN=300;SVTYPE=DEL;SVCLAIM=DJ GT:CN 0/1:1
CONTIG 600 . R600 <CNV:TR>,<CNV:TR> . PASS SVLEN=40,44;RN=1,1;RUS=CAG,CAG;RUC=10.5,11 GT:CN 1/2:2
""",
}

OLD_AND_CONVERTED = {
    "complete-genomics": """##fileformat=VCFv4.1
##source=CGAPipeline_2.5.0.20;cgatools_1.8.0
##phasing=partial
##INFO=<ID=CGA_XR,Number=A,Type=String,Description="Per-ALT external database reference">
##INFO=<ID=NS,Number=1,Type=Integer,Description="Number of Samples With Data">
##FORMAT=<ID=HQ,Number=2,Type=Integer,Description="Haplotype Quality">
##FORMAT=<ID=FT,Number=1,Type=String,Description="Genotype filters">
##FORMAT=<ID=CGA_CEHQ,Number=2,Type=Integer,Description="Calibrated Haplotype Quality">
#COLUMNS FORMAT GS000
CONTIG 300 . R300 <CGA_NOCALL> . . END=420;NS=1;AN=0 GT:PS ./.:.
CONTIG 500 . R500 V500 . . NS=1;AN=2;AC=1;CGA_XR=dbsnp.100|rs1&dbsnp.131|rs2 \
GT:PS:FT:GQ:HQ:CGA_CEHQ 1|.:500:VQLOW:28:28,.:28,.
CONTIG 600 . R600+2 R600,. . . NS=1;AN=1;AC=1 GT:PS 1|.:600
CONTIG 700 . R700 . . . NS=1;CGA_WINEND=2000 GT:CGA_GP .:1.01
""",
    "23andme-like": """##fileformat=VCFv4.1
##source=converted from a table of genotypes
#COLUMNS FORMAT GENOTYPE
chrCONTIG 1000 rs1000 R1000 V1000 . . . GT 0/1
chrCONTIG 1100 i5000 R1100 . . . . GT 0/0
chrCONTIG 1200 rs1200 R1200 V1200 . . . GT 1
chrCONTIG 1300 rs1300 D I . . . GT 0/1
chrCONTIG 1400 rs1400 - A . . . GT --
chrCONTIG 1500 rs1500 R1500 V1500 . . . GT ./.
""",
    "illumina-array": f"""##fileformat=VCFv4.1
##source=plink v1.9 --recode vcf
##INFO=<ID=PR,Number=0,Type=Flag,Description="Provisional reference allele">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=BAF,Number=1,Type=Float,Description="B Allele Frequency">
{CONTIGS}
#COLUMNS FORMAT 0_S1 0_S2
CONTIG 1000 exm1 R1000 V1000 . . PR GT:BAF 0/1:0.48 ./.:-nan
CONTIG 1100 exm2 I D . . PR GT 0/1 0/0
CONTIG 1200 exm3 0 V1200 . . PR GT 1/1 1/1
CONTIG 1300 kgp4 R1300 0 . . PR GT 0/0 0/0
CONTIG 1400 kgp5 R1400 R1400 . . PR GT:BAF 0/1:NaN 0/1:1
""",
    "version-3.3": """##format=VCFv3.3
##source=myImputationProgramV3.1
##INFO=NS,1,Integer,"Number of Samples With Data"
##INFO=AF,-1,Float,"Allele Frequency"
##INFO=H2,0,Flag,"HapMap2 membership"
##FILTER=q10,"Quality below 10"
##FORMAT=GT,1,String,"Genotype"
##FORMAT=HQ,2,Integer,"Haplotype Quality"
#COLUMNS FORMAT NA1 NA2
CONTIG 1000 rs1 R1000 V1000 29 0 NS=3;AF=0.5;H2 GT:GQ:DP:HQ 0|0:48:1:51,51 1\\0:48:8:-1,-1
CONTIG 1100 . R1100 V1100 3 q10 NS=3;AF=0.017 GT:GQ:DP:HQ 0|0:49:3:58,50 0|1:3:5
CONTIG 1200 . R1200 IC,D4,IGA 47 0 NS=3 GT 0/0 0/1
""",
    "version-4.5": f"""##fileformat=VCFv4.5
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=LAA,Number=.,Type=Integer,Description="Local alternate alleles">
##FORMAT=<ID=LAD,Number=LR,Type=Integer,Description="Local depth">
##FORMAT=<ID=LPL,Number=LG,Type=Integer,Description="Local likelihoods">
##FORMAT=<ID=LEC,Number=LA,Type=Integer,Description="Local counts">
##FORMAT=<ID=M5mC,Number=M,Type=Integer,Description="Methylated">
##FORMAT=<ID=PSL,Number=P,Type=String,Description="Phase set list">
##META=<ID=Tissue,Type=String,Number=.,Values=[Blood, Skin]>
##SAMPLE=<ID=a,Tissue=Blood>
##pedigreeDB=<https://example.org/p>
{CONTIGS}
#COLUMNS FORMAT a b
CONTIG 1000 . R1000 V1000,W1000,<*> . PASS NS=2 GT:LAA:LAD:LPL:LEC:PSL /0|1:1:9,8:50,0,60:8:.,x \
|0/2:2:9,7:40,0,50:7:y,.
CONTIG 1100 pct%3A R1100 V1100 . PASS NOTE=a%3Bb%2Cc GT:M5mC 0|1:4,5 1:6
""",
    "ncbi-names": """##fileformat=VCFv4.2
##INFO=<ID=RS,Number=1,Type=Integer,Description="dbSNP ID">
##INFO=<ID=FREQ,Number=.,Type=String,Description="Frequencies, missing as '.'">
#COLUMNS
CONTIG 1000 rs1 R1000 V1000,W1000 . . RS=1;dbSNPBuildID=150;FREQ=1000Genomes:0.9,0.1,.|TOPMED:1,.,0
CONTIG 1100 rs2 R1100 V1100 . . RS=2;GNO;FREQ=.
CONTIG 1100 rs2 R1100 V1100 . . RS=2;GNO;FREQ=.
""",
    "annotated-before": f"""##fileformat=VCFv4.1
##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequence. Format: Allele|Gene|Feature">
##INFO=<ID=ANN,Number=.,Type=String,Description="Functional annotations: 'Allele | Annotation' ">
##INFO=<ID=EFF,Number=.,Type=String,Description="Predicted "effects" of this variant">
{CONTIGS}
#COLUMNS
CONTIG 1000 . R1000 V1000 . . CSQ=V1000|G1|T1,V1000|G2|;ANN=V1000|x;EFF=INTRON(MODIFIER||||)
CONTIG 1100 . R1100 V1100 . . ;EFF=;CSQ=;
""",
    "hand-made": """#COLUMNS
CONTIG 1000 . r V1000
CONTIG 1100 . R1100 V1100 NA . DP=5;_DP=6
CONTIG 1200 . R1200 V1200 . . .
CONTIG 1300.0 . R1300 V1300 . . DP=high
CONTIG 1e3 . R1000 V1000 . . .
""",
}
