"""The texts of `callers` that tell small variants."""

from __future__ import annotations

CONTIGS = "##contig=<ID=CONTIG,length=LENGTH1>\n##contig=<ID=SECOND,length=LENGTH2>"

SMALL_VARIANTS = {
    "gatk-haplotypecaller": f"""##fileformat=VCFv4.2
##ALT=<ID=NON_REF,Description="Represents any possible alternative allele at this location">
##FILTER=<ID=LowQual,Description="Low quality">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Allelic depths">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth; some reads may have been filtered">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Genotype Quality">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=PGT,Number=1,Type=String,Description="Physical phasing haplotype information">
##FORMAT=<ID=PID,Number=1,Type=String,Description="Physical phasing ID">
##FORMAT=<ID=PL,Number=G,Type=Integer,Description="Phred-scaled genotype likelihoods">
##FORMAT=<ID=PS,Number=1,Type=Integer,Description="Phasing set">
##GATKCommandLine=<ID=HaplotypeCaller,CommandLine="HaplotypeCaller --a \\"b\\"",Version="4.4",\
Date="May 3, 2023">
##INFO=<ID=AC,Number=A,Type=Integer,Description="Allele count">
##INFO=<ID=AF,Number=A,Type=Float,Description="Allele Frequency">
##INFO=<ID=AN,Number=1,Type=Integer,Description="Total number of alleles">
##INFO=<ID=BaseQRankSum,Number=1,Type=Float,Description="Z-score">
##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth">
##INFO=<ID=FS,Number=1,Type=Float,Description="Strand bias">
##INFO=<ID=MQ,Number=1,Type=Float,Description="RMS Mapping Quality">
##INFO=<ID=QD,Number=1,Type=Float,Description="Quality by Depth">
{CONTIGS}
##source=HaplotypeCaller
#COLUMNS FORMAT NA12878
CONTIG 1000 . R1000 V1000 302.64 . AC=1;AF=0.500;AN=2;BaseQRankSum=-1.2;DP=30;FS=0.0;MQ=60.0;QD=10 \
GT:AD:DP:GQ:PL 0/1:15,15:30:99:310,0,290
CONTIG 1010 . R1010 V1010 99.1 . AC=1;AF=0.500;AN=2;DP=9;FS=0;MQ=60.00;QD=inf \
GT:AD:DP:GQ:PGT:PID:PL:PS 0|1:4,5:9:99:0|1:1010_A_C:107,0,90:1010
CONTIG 1100 rs1;rs2 R1100 V1100,W1100 50.0 LowQual AC=1,1;AF=0.500,0.500;AN=2;DP=12;FS=0;MQ=NaN;\
QD=4 GT:AD:DP:GQ:PL 1/2:0,6,6:12:99:400,200,180,190,0,170
CONTIG 1200 . R1200+4 R1200,* 50.0 . AC=1,1;AF=0.500,0.500;AN=2;DP=12;FS=0;MQ=60;QD=4 \
GT:AD:DP:GQ:PL 1|2:0,6,6:12:99:400,200,180,190,0,170
""",
    "gatk-gvcf": f"""##fileformat=VCFv4.2
##FORMAT=<ID=MIN_DP,Number=1,Type=Integer,Description="Minimum DP within the GVCF block">
##FORMAT=<ID=SB,Number=4,Type=Integer,Description="Strand counts">
##GVCFBlock0-1=minGQ=0(inclusive),maxGQ=1(exclusive)
##INFO=<ID=END,Number=1,Type=Integer,Description="Stop position of the interval">
{CONTIGS}
#COLUMNS FORMAT S
CONTIG 100 . R100 <NON_REF> . . END=999 GT:DP:GQ:MIN_DP:PL 0/0:20:60:18:0,60,900
CONTIG 1000 . R1000 V1000,<NON_REF> 302.64 . DP=30;RAW_MQandDP=108000,30 GT:AD:DP:GQ:PL:SB \
0/1:15,15,0:30:99:310,0,290,355,335,690:8,7,9,6
CONTIG 1001 . R1001 <NON_REF> . . END=LENGTH1 GT:DP:GQ:MIN_DP:PL 0/0:20:60:18:0,60,900
""",
    "bcftools-call": f"""##fileformat=VCFv4.2
##bcftoolsCommand=mpileup -Ou -f ref.fa in.bam
##INFO=<ID=INDEL,Number=0,Type=Flag,Description="The variant is an INDEL.">
##INFO=<ID=DP4,Number=4,Type=Integer,Description="Ref-forward, ref-reverse, alt-...">
##INFO=<ID=VDB,Number=1,Type=Float,Description="Variant Distance Bias",Version="3">
##INFO=<ID=MQ0F,Number=1,Type=Float,Description="Fraction of MQ0 reads (smaller is better)">
##FORMAT=<ID=PL,Number=G,Type=Integer,Description="List of Phred-scaled likelihoods">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
{CONTIGS}
##bcftools_viewCommand=view; Date=Tue Nov 24 12:00:00 2026
#COLUMNS FORMAT in.bam
CONTIG 900 . R900 . 140.3 . DP=22;MQ0F=0;AN=2;DP4=11,11,0,0;MQ=60 GT 0/0
CONTIG 1000 . R1000 V1000 221.999 . DP=22;VDB=1.3e-05;MQ0F=0;AC=2;AN=2;DP4=0,0,11,11;MQ=60 GT:PL \
1/1:255,66,0
CONTIG 1200 . R1200 R1200+1V1201 37 . INDEL;IDV=3;IMF=0.3;DP=10;AC=1;AN=2;DP4=2,2,3,3;MQ=60 GT:PL \
0/1:70,0,88
""".replace("R1200+1V1201", "R1200+5"),
    "freebayes": f"""##fileformat=VCFv4.2
##phasing=none
##commandline="freebayes -f ref.fa in.bam"
##INFO=<ID=AB,Number=A,Type=Float,Description="Allele balance">
##INFO=<ID=TYPE,Number=A,Type=String,Description="The type of allele">
##INFO=<ID=CIGAR,Number=A,Type=String,Description="The extended CIGAR representation">
##INFO=<ID=technology.ILLUMINA,Number=A,Type=Float,Description="Fraction">
##FORMAT=<ID=GL,Number=G,Type=Float,Description="Genotype Likelihood, log10-scaled">
##FORMAT=<ID=QR,Number=1,Type=Integer,Description="Sum of quality">
##FORMAT=<ID=QA,Number=A,Type=Integer,Description="Sum of quality">
{CONTIGS}
#COLUMNS FORMAT unknown
CONTIG 1000 . R1000+3 V1000R1001+2 1.23e-14 . AB=0;TYPE=snp;CIGAR=1X2M;technology.ILLUMINA=1 \
GT:DP:AD:RO:QR:AO:QA:GL 0/0:10:9,1:9:300:1:12:0,-2.4,-29.1
CONTIG 1100 . R1100 V1100,W1100 900.1 . AB=0.5,0.5;TYPE=snp,snp;CIGAR=1X,1X;\
technology.ILLUMINA=1,1 GT:DP:AD:RO:QR:AO:QA:GL 1/2:20:0,10,10:0:0:10,10:300,301:-60,-30,-30,\
-30,0,-30
CONTIG 1200 . R1200 V1200 30 . AB=0;TYPE=snp;CIGAR=1X;technology.ILLUMINA=1 \
GT:DP:AD:RO:QR:AO:QA:GL .:.:.:.:.:.:.:.
""",
    "deepvariant": f"""##fileformat=VCFv4.2
##FILTER=<ID=RefCall,Description="Genotyping model thinks this site is reference.">
##FILTER=<ID=PASS,Description="All filters passed">
##FORMAT=<ID=VAF,Number=A,Type=Float,Description="Variant allele fractions.">
##FORMAT=<ID=MED_DP,Number=1,Type=Integer,Description="Median DP">
##DeepVariant_version=1.6.0
{CONTIGS}
#COLUMNS FORMAT S
CONTIG 800 . R800 V800 0.1 RefCall . GT:GQ:DP:AD:VAF:PL ./.:19:10:8,2:0.2:0,20,24
CONTIG 1000 . R1000 V1000 45.2 PASS . GT:GQ:DP:AD:VAF:PL 0/1:42:19:9,10:0.526316:45,0,43
CONTIG 1001 . R1001 <*> 0 . END=1100 GT:GQ:MIN_DP:PL 0/0:50:17:0,51,509
""",
    "strelka2-somatic": f"""##fileformat=VCFv4.1
##content=strelka somatic snv calls
##priorSomaticSnvRate=0.0001
##INFO=<ID=QSS,Number=1,Type=Integer,Description="Quality score">
##INFO=<ID=SOMATIC,Number=0,Type=Flag,Description="Somatic mutation">
##INFO=<ID=SomaticEVS,Number=1,Type=Float,Description="Score">
##FORMAT=<ID=AU,Number=2,Type=Integer,Description="Number of 'A' alleles used in tiers 1,2">
##FORMAT=<ID=CU,Number=2,Type=Integer,Description="Number of 'C' alleles used in tiers 1,2">
##FORMAT=<ID=FDP,Number=1,Type=Integer,Description="Number of basecalls filtered">
{CONTIGS}
##cmdline=configureStrelkaSomaticWorkflow.py --normalBam n.bam --tumorBam t.bam
#COLUMNS FORMAT NORMAL TUMOR
CONTIG 1000 . R1000 V1000 . PASS SOMATIC;QSS=60;TQSS=1;NT=ref;SGT=GG->AG;SomaticEVS=17.5 \
DP:FDP:AU:CU 40:0:0,0:40,41 50:1:20,20:29,29
CONTIG 1100 . R1100 V1100 . LowEVS SOMATIC;QSS=9;TQSS=2;NT=het;SGT=AC->AC;SomaticEVS=0.1 \
DP:FDP:AU:CU 40:0:0,0:40,41 50:1:20,20:29,29
""",
    "mutect2": f"""##fileformat=VCFv4.2
##FILTER=<ID=weak_evidence,Description="Mutation does not meet likelihood threshold">
##FILTER=<ID=strand_bias,Description="Evidence for alt allele comes from one read direction only">
##FORMAT=<ID=AF,Number=A,Type=Float,Description="Allele fractions of alternate alleles">
##FORMAT=<ID=F1R2,Number=R,Type=Integer,Description="Count of reads in F1R2 pair orientation">
##INFO=<ID=AS_FilterStatus,Number=A,Type=String,Description="Filter status for each allele">
##INFO=<ID=AS_SB_TABLE,Number=1,Type=String,Description="Allele-specific counts">
##INFO=<ID=TLOD,Number=A,Type=Float,Description="Log 10 likelihood ratio score">
##INFO=<ID=STR,Number=0,Type=Flag,Description="Variant is a short tandem repeat">
##normal_sample=N
##tumor_sample=T
{CONTIGS}
#COLUMNS FORMAT N T
CONTIG 1000 . R1000 V1000 . PASS AS_FilterStatus=SITE;AS_SB_TABLE=20,20|5,6;DP=60;TLOD=28.1 \
GT:AD:AF:DP:F1R2 0/0:25,0:0.037:25:12,0 0/1:15,11:0.43:26:7,5
CONTIG 1100 . R1100+2 R1100,R1100+3 . strand_bias;weak_evidence \
AS_FilterStatus=weak_evidence|strand_bias,SITE;AS_SB_TABLE=1,2|3,4|5,6;DP=9;STR;TLOD=3.1,4.2 \
GT:AD:AF:DP:F1R2 0/0:25,0,0:0.037,0.02:25:12,0,0 0/1/2:15,11,3:0.43,0.1:26:7,5,1
""",
    "varscan2": """##fileformat=VCFv4.1
##source=VarScan2
##INFO=<ID=ADP,Number=1,Type=Integer,Description="Average per-sample depth">
##FILTER=<ID=str10,Description="Less than 10% or more than 90% of variant supporting reads on one">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=FREQ,Number=1,Type=String,Description="Variant allele frequency">
##FORMAT=<ID=PVAL,Number=1,Type=String,Description="P-value from Fisher's Exact Test">
#COLUMNS FORMAT Sample1
CONTIG 1000 . R1000 V1000 . PASS ADP=30;WT=0;HET=1;HOM=0;NC=0 GT:GQ:SDP:DP:RD:AD:FREQ:PVAL \
0/1:60:31:30:15:15:50%:9.8E-7
CONTIG 1100 . R1100 V1100/W1100 . PASS ADP=30;WT=0;HET=1;HOM=0;NC=0 GT:GQ 0/1:60
CONTIG 1200 . R1200 V1200 . str10 ADP=30;WT=0;HET=1;HOM=0;NC=0 GT:GQ:SDP:DP:RD:AD:FREQ:PVAL \
./.:.:9
""",
    "lofreq": """##fileformat=VCFv4.0
##fileDate=20260101
##source=lofreq call -f ref.fa in.bam
##reference=ref.fa
##INFO=<ID=DP,Number=1,Type=Integer,Description="Raw Depth">
##INFO=<ID=AF,Number=1,Type=Float,Description="Allele Frequency">
##INFO=<ID=DP4,Number=4,Type=Integer,Description="Counts">
##FILTER=<ID=min_snvqual_70,Description="Minimum SNV Quality (Phred) 70">
#COLUMNS
CONTIG 1000 . R1000 V1000 49314 PASS DP=1500;AF=0.998;SB=0;DP4=0,1,700,799
CONTIG 1100 . R1100 V1100 71 PASS DP=1500;AF=0.0113;SB=2;DP4=700,783,8,9;HRUN=1;CONSVAR
""",
    "platypus": """##fileformat=VCFv4.0
##fileDate=2026-01-01
##source=Platypus_Version_0.8.1
##platypusOptions={'assemblyRegionSize': 1500, 'trimReadFlank': 0}
##INFO=<ID=FR,Number=.,Type=Float,Description="Estimated population frequency of variant">
##INFO=<ID=TC,Number=1,Type=Integer,Description="Total coverage at this locus">
##INFO=<ID=SC,Number=1,Type=String,Description="Genomic sequence 10 bases either side">
##FILTER=<ID=badReads,Description="Variant supported only by reads with low quality bases">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Unphased genotypes">
##FORMAT=<ID=GL,Number=.,Type=Float,Description="Genotype log10-likelihoods">
##FORMAT=<ID=NR,Number=.,Type=Integer,Description="Number of reads covering variant location">
#COLUMNS FORMAT a b
CONTIG 1000 . R1000 V1000 2962 PASS FR=0.5;TC=30;SC=ACGTACGTACG GT:GL:GOF:GQ:NR:NV \
1/0:-48.9,0.0,-41.9:13.0:99:23:12 0/0:0.0,-6.9,-82.6:5.0:70:24:0
CONTIG 1100 . R1100 V1100,W1100 120 badReads;Q20 FR=0.5,0.25;TC=30;SC=ACGT GT:GL:GOF:GQ:NR:NV \
2/1:-1,-1,-1:13.0:99:23,23:12,11 0/0:0.0,-6.9,-82.6:5.0:70:24,24:0,0
""",
    "octopus": f"""##fileformat=VCFv4.3
##octopus=<version=0.7.4,command="octopus -R ref.fa",options="--x=[1, 2]",date="2026">
##INFO=<ID=MC,Number=1,Type=Integer,Description="Number of samples with missing data">
##FORMAT=<ID=PS,Number=1,Type=String,Description="Phase set">
##FORMAT=<ID=HPC,Number=.,Type=Float,Description="Posterior haplotype counts">
{CONTIGS}
#COLUMNS FORMAT S
CONTIG 1000 . R1000 V1000 501.3 PASS AC=1;AN=3;DP=40;MQ=60;NS=1 GT:GQ:DP:MQ:PS:PQ \
0|0|1:200:40:60:1000:99
CONTIG 1100 . R1100+3 R1100,* 300 PASS AC=1,2;AN=4;DP=40 GT:GQ:DP:MQ:PS:PQ \
1|2|2|0:200:40:60:CONTIG_1100:99
""",
    "dragen": f"""##fileformat=VCFv4.2
##DRAGENVersion=<ID=dragen,Version="SW: 07.021.624, HW: 07.021.624">
##DRAGENCommandLine=<ID=dragen,Date="Mon",CommandLineOptions="-r /x --enable-vc=true">
##FILTER=<ID=DRAGENSnpHardQUAL,Description="Set if true:QUAL < 10.4139">
##FILTER=<ID=PloidyConflict,Description="Genotype call not consistent with ploidy">
##FORMAT=<ID=GP,Number=G,Type=Float,Description="Phred-scaled posterior probabilities">
##FORMAT=<ID=LAA,Number=.,Type=Integer,Description="Local alternate alleles">
##FORMAT=<ID=LAD,Number=.,Type=Integer,Description="Local allelic depths">
##FORMAT=<ID=SQ,Number=A,Type=Float,Description="Somatic quality">
##INFO=<ID=FractionInformativeReads,Number=1,Type=Float,Description="Fraction">
{CONTIGS}
#COLUMNS FORMAT S
CONTIG 1000 . R1000 V1000 49.79 PASS AC=1;AF=0.500;AN=2;DP=27;FractionInformativeReads=1.000 \
GT:AD:AF:DP:F1R2:F2R1:GQ:PL:GP:PRI:SB:MB 0/1:12,15:0.556:27:6,7:6,8:47:85,0,50:49.790,0.000,\
53.001:0.00,34.77,37.77:5,7,8,7:6,6,7,8
CONTIG 1100 . R1100 V1100,W1100 3 DRAGENSnpHardQUAL;PloidyConflict AC=1,0;AF=0.5,0;AN=1;DP=2 \
GT:AD:DP:GQ:LAA:LAD 1:0,2,0:2:3:1:0,2
""",
    "ion-torrent": f"""##fileformat=VCFv4.1
##source="tvc 5.12-27 (6b6a6e0) - Torrent Variant Caller"
##INFO=<ID=FAO,Number=A,Type=Integer,Description="Flow Evaluator Alternate allele observations">
##INFO=<ID=HRUN,Number=A,Type=Integer,Description="Run length">
##INFO=<ID=OMAPALT,Number=A,Type=String,Description="Maps OID,OPOS,OREF,OALT entries to alleles">
##INFO=<ID=FR,Number=.,Type=String,Description="Reason why the variant was filtered.">
##FORMAT=<ID=FAO,Number=A,Type=Integer,Description="Flow Evaluator Alternate allele observations">
{CONTIGS}
#COLUMNS FORMAT IonXpress_001
CONTIG 1000 . R1000 V1000 1450.56 PASS AF=0.98;AO=390;DP=400;FAO=392;FDP=400;FR=.;HRUN=1;LEN=1;\
OALT=V1000;OID=.;OMAPALT=V1000;OPOS=1000;OREF=R1000;TYPE=snp GT:GQ:DP:FDP:AO:FAO:AF \
1/1:99:400:400:390:392:0.98
CONTIG 1100 COSM1,COSM2 R1100+2 R1100,V1100V1101 0 NOCALL AF=0,0;AO=0,0;DP=400;FAO=0,0;\
FR=.,REALIGNEDx0.9;HRUN=2;OID=COSM1,COSM2;TYPE=del,mnp GT:GQ ./.:0
""",
}
